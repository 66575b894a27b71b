//! What somebody who just started a stack wants to know.

use crate::stack::{Stack, local_file::LocalFile, pages};
use std::path::Path;

/// Where everything is, and what to try.
pub(super) fn about(stack: &Stack) -> String {
    let data_dir = stack.local_path.parent().filter(|folder| *folder != Path::new(super::DATA_DIR));
    let data_dir = data_dir.map_or(String::new(), |folder| format!(" --data-dir {}", folder.display()));
    let LocalFile { doors, kubeconfig, platform_file, github_api, pages_port, .. } = &stack.local;
    let lines = [
        ("doors", doors.github.clone()),
        ("", doors.images.clone()),
        ("", doors.eventbridge.clone()),
        ("everything", stack.local_path.display().to_string()),
        ("cluster", format!("kubectl --kubeconfig {} get all -A", kubeconfig.display())),
        (
            "platform",
            format!("edit {0}, then cargo run -- config push {0}{data_dir}", platform_file.display()),
        ),
        (
            "people",
            format!("POST {github_api}/_people/push, /pull-requests, /pull-requests/NUMBER/close, /images"),
        ),
        ("try", format!("cargo run -- send events/github/pull_request.opened.json{data_dir}")),
        ("", format!("cargo run -- status | retry ENVIRONMENT | extend ENVIRONMENT | events{data_dir}")),
    ];
    let lines = lines.into_iter().chain(pages_elsewhere(*pages_port).map(|told| ("pages", told)));
    let lines: String = lines.map(|(what, told)| format!("  {what:<11} {told}\n")).collect();
    format!("Roadstead is up.\n{lines}Ctrl-C ends it.")
}

/// How addresses open where pages are not served at the port that they mean.
fn pages_elsewhere(port: u16) -> Option<String> {
    (port != pages::HTTP).then(|| {
        format!(
            "port {} was not to be had: put :{port} behind the host of an address in Slack, a comment or GitHub; `status` does",
            pages::HTTP
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_port_is_told_only_where_there_is_one() {
        assert_eq!(pages_elsewhere(80), None);
        assert!(pages_elsewhere(8080).unwrap().contains(":8080 behind the host"));
    }
}
