//! Files, folders and symbolic links at a commit.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::ACCEPT;
use serde_json::{Value, json};

use super::GitHub;
use super::objects::{Entry, Tree};
use super::reply::{Outcome, Refusal, Reply};
use super::routes::Call;

/// The largest file whose content is part of the JSON, in bytes; larger ones are read raw.
pub const ENCODED_LIMIT: usize = 1_048_576;
/// How long the lines of encoded content are.
const ENCODED_LINE: usize = 60;

pub(super) fn get(world: &GitHub, call: &Call<'_>, path: &str) -> Outcome {
    let repository = world.repository(call.repository)?;
    let objects = world.objects_of(call.repository)?;
    let reference = call.query.get("ref").unwrap_or(&repository.default_branch);
    let missing = || Refusal::new(404, format!("No commit found for the ref {reference}"));
    let id = repository.resolve(&objects.commits, reference).ok_or_else(missing)?;
    let tree = &objects.commits.get(&id).ok_or_else(missing)?.tree;
    let url = |path: &str| {
        format!("{}/repos/{}/contents/{path}?ref={reference}", world.settings.api_url, repository.full_name())
    };
    let Some(entry) = tree.get(path) else {
        let listed = folder(tree, path, &url);
        return if listed.is_empty() {
            Err(Refusal::not_found())
        } else {
            Ok(Reply::json(&Value::Array(listed)))
        };
    };
    let followed = followed(tree, path, entry, |entry| objects.content(entry));
    let content = objects.content(followed.unwrap_or(entry));
    if wants_raw(call) {
        return Ok(Reply::raw(content));
    }
    let mut shown = described(path, followed.unwrap_or(entry), content.len(), &url);
    if followed.is_some() {
        shown["encoding"] = if content.len() > ENCODED_LIMIT { "none" } else { "base64" }.into();
        shown["content"] =
            if content.len() > ENCODED_LIMIT { String::new() } else { encoded(&content) }.into();
    } else {
        shown["target"] = String::from_utf8_lossy(&content).into();
    }
    Ok(Reply::json(&shown))
}

fn wants_raw(call: &Call<'_>) -> bool {
    let accept = call.headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    ["application/vnd.github.raw", "application/vnd.github.v3.raw"].iter().any(|raw| accept.starts_with(raw))
}

/// The file itself, or the one that a symbolic link leads to; `None` for a link that leads to no file in the tree.
fn followed<'a>(
    tree: &'a Tree,
    path: &str,
    entry: &'a Entry,
    read: impl Fn(&Entry) -> Vec<u8>,
) -> Option<&'a Entry> {
    if !entry.symlink {
        return Some(entry);
    }
    let target = String::from_utf8(read(entry)).ok()?;
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => {
                parts.pop()?;
            }
            "." => {}
            part => parts.push(part),
        }
    }
    tree.get(&parts.join("/")).filter(|found| !found.symlink)
}

fn described(path: &str, entry: &Entry, size: usize, url: &dyn Fn(&str) -> String) -> Value {
    json!({
        "type": if entry.symlink { "symlink" } else { "file" },
        "name": path.rsplit('/').next().unwrap_or(path),
        "path": path,
        "sha": entry.blob,
        "size": size,
        "url": url(path),
    })
}

/// What lies right in a folder, folders once.
fn folder(tree: &Tree, path: &str, url: &dyn Fn(&str) -> String) -> Vec<Value> {
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    let mut listed: Vec<Value> = Vec::new();
    for (file, entry) in tree {
        let Some(rest) = file.strip_prefix(&prefix) else { continue };
        match rest.split_once('/') {
            None => listed.push(described(file, entry, 0, url)),
            Some((name, _)) if listed.last().is_none_or(|last| last["name"] != name) => {
                let path = format!("{prefix}{name}");
                listed
                    .push(json!({ "type": "dir", "name": name, "path": path, "size": 0, "url": url(&path) }));
            }
            Some(_) => {}
        }
    }
    listed
}

fn encoded(content: &[u8]) -> String {
    let text = STANDARD.encode(content);
    let line = |line: &[u8]| format!("{}\n", String::from_utf8_lossy(line));
    text.as_bytes().chunks(ENCODED_LINE).map(line).collect()
}
