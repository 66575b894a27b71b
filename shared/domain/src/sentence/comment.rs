//! The comment of a pull request.

use super::{
    cut::{cut, fit},
    goes_away, tried_until,
};
use crate::{
    announcement::{Announcement, Notice},
    environment::{Environment, InsteadOf, Phase},
    intent::{Evidence, Origin, Revisions},
    name::{EnvironmentId, InstallationName},
    repository::Commit,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, fmt::Write as _};

/// The longest line of a deployment's description, in characters (GitHub REST API, deployment statuses).
const LINE_LIMIT: usize = 140;
/// The longest comment, in characters (GitHub REST API, "Issue comments").
const COMMENT_LIMIT: usize = 65_536;
/// The longest text of a refusal in a comment, in characters.
const REFUSAL_LIMIT: usize = 2_000;

/// What tells our comment from others. People do not see it.
pub fn comment_marker(installation: &InstallationName) -> String {
    format!("<!-- roadstead:{installation} -->")
}

/// The whole comment: the present truth about every application of the pull request. What is said beside the environments'
/// rows is shown until they say something newer.
pub fn comment(
    marker: &str,
    environments: &[Environment],
    announcement: &Announcement,
    now: Timestamp,
) -> String {
    let mut head = format!("{marker}\n### Preview\n");
    if let Some(notice) = announcement.notice.as_ref().filter(|notice| is_news(notice, environments)) {
        let _ = writeln!(head, "\n{}", notice.text);
    }
    let foot = format!("\n<sub>Roadstead, {}</sub>", now.strftime("%Y-%m-%d %H:%M:%S UTC"));
    let room = COMMENT_LIMIT.saturating_sub(head.chars().count() + foot.chars().count());
    format!("{head}{}{foot}", fit(&sections(environments, &announcement.notices, now), room))
}

fn is_news(notice: &Notice, environments: &[Environment]) -> bool {
    environments.iter().all(|environment| notice.is_news_to(Some(environment)))
}

/// A section for each environment, and for each that there only is something to say of.
fn sections(
    environments: &[Environment],
    notices: &BTreeMap<EnvironmentId, Notice>,
    now: Timestamp,
) -> Vec<(EnvironmentId, String)> {
    let known = environments.iter().map(|environment| {
        let notice = notices.get(&environment.id).filter(|notice| notice.is_news_to(Some(environment)));
        let text = match (notice, held(environment)) {
            (Some(notice), _) if environment.phase == Phase::Gone => noticed(&environment.id, notice),
            (Some(Notice { text: more, .. }), _) | (None, Some(more)) => {
                format!("{}\n\n{more}", section(environment, now))
            }
            (None, None) => section(environment, now),
        };
        (environment.id.clone(), text)
    });
    let alone = notices.iter().filter(|(id, _)| !environments.iter().any(|known| known.id == **id));
    known.chain(alone.map(|(id, notice)| (id.clone(), noticed(id, notice)))).collect()
}

/// Why it does not run the head of its pull request.
fn held(environment: &Environment) -> Option<&String> {
    let shown = !matches!(environment.phase, Phase::Gone | Phase::Closing { .. } | Phase::Settling);
    environment.wanted.held.as_ref().filter(|_| shown).map(|held| &held.why)
}

fn noticed(id: &EnvironmentId, notice: &Notice) -> String {
    format!("**{}**: {}", id.application, notice.text)
}

fn section(environment: &Environment, now: Timestamp) -> String {
    let line = one_line(&environment.phase);
    let mut text = format!("**{}**: {}", environment.id.application, neutral(&line));
    let shown = !matches!(environment.phase, Phase::Gone | Phase::Closing { .. } | Phase::Settling);
    if let (Phase::Ready, Some(url)) = (&environment.phase, &environment.url) {
        let _ = write!(text, "\n\n{url}");
    }
    if let Some(revisions) = environment.revisions.as_ref().filter(|_| shown) {
        text.push_str(&images(revisions));
    }
    let more = beyond(&line, &environment.phase);
    if let Some(instead_of) = environment.instead_of.as_ref().filter(|_| shown) {
        let _ =
            write!(text, "\n\n{}\n\n{}", runs_instead(instead_of), quoted(&environment.id, &instead_of.why));
    }
    if let Some(left_behind) = environment.left_behind.as_ref().filter(|_| shown) {
        let _ = write!(text, "\n\n{}", quoted(&environment.id, left_behind));
    }
    if let Some(more) = more {
        let _ = write!(text, "\n\n{}", quoted(&environment.id, &more));
    }
    if let Phase::Waiting { .. } = &environment.phase {
        let _ = write!(text, "\n\n> {}", tried_until(environment.deadline));
    }
    if let Some(expires_at) = environment.told_end() {
        let _ = write!(text, "\n\n{}", goes_away(environment, expires_at, now));
    }
    text
}

/// What is wrong or waited for, as far as its line does not say it.
pub(super) fn beyond(line: &str, phase: &Phase) -> Option<String> {
    let whole = match phase {
        Phase::Failed { refusal } | Phase::NeedsAttention { refusal } => &refusal.text,
        Phase::Closing { held_by: Some(why) } | Phase::Waiting { why } => why,
        _ => return None,
    };
    let first = whole.lines().next().unwrap_or_default();
    if line.ends_with(first) {
        whole.split_once('\n').map(|(_, rest)| rest.to_owned())
    } else {
        Some(whole.clone())
    }
}

/// What others wrote, without its power. What is too long says where the whole is told.
fn quoted(id: &EnvironmentId, text: &str) -> String {
    format!("> {}", neutral(&cut(text, REFUSAL_LIMIT, id)).replace('\n', "\n> "))
}

/// What was ready before runs in the place of what did not succeed.
pub fn runs_instead(instead_of: &InsteadOf) -> String {
    let failed = instead_of.commit.as_ref().map_or("the newest", Commit::short);
    format!("It runs what was ready before, because {failed} did not succeed:")
}

/// When its lifetime is over.
pub fn goes_away_on(expires_at: Timestamp) -> String {
    format!("It goes away by itself on {}.", expires_at.strftime("%Y-%m-%d at %H:%M UTC"))
}

pub(super) fn images(revisions: &Revisions) -> String {
    let mut text = String::from("\n\n| Workload | Image | Built from |\n|---|---|---|\n");
    for (workload, chosen) in &revisions.images {
        let origin = origin(&chosen.origin, revisions.commit_of(workload));
        let _ = writeln!(text, "| {workload} | `{}` | {origin} |", chosen.digest.short());
    }
    text.truncate(text.trim_end().len());
    text
}

/// Where the choice of an image comes from.
pub fn origin(origin: &Origin, commit: &Commit) -> String {
    match origin {
        Origin::Built { evidence } => format!("{} ({})", commit.short(), evidence_in_words(*evidence)),
        Origin::Tagged { tag, evidence } => {
            format!("`{tag}`, built from {} ({})", commit.short(), evidence_in_words(*evidence))
        }
        Origin::Kept => "no tag that it follows is left: what ran before stays".to_owned(),
        Origin::Base { environment } => format!("not rebuilt here: the same as `{environment}`"),
    }
}

fn evidence_in_words(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Told => "says the pipeline",
        Evidence::Label => "says the image's label",
        Evidence::Tag => "says its tag",
    }
}

/// A phase in one line. What others wrote has its power in it still: where Markdown is rendered, it is to be made neutral.
pub fn one_line(phase: &Phase) -> String {
    let line = match phase {
        Phase::Resolving => "reading its configuration".to_owned(),
        Phase::AwaitingImages { workloads } => {
            let names: Vec<_> = workloads.iter().map(ToString::to_string).collect();
            format!("waiting for the image of {}", names.join(", "))
        }
        Phase::Deploying => "being deployed".to_owned(),
        Phase::Waiting { why } => format!("waiting: {why}"),
        Phase::Ready => "ready".to_owned(),
        Phase::Failed { refusal } => format!("failed: {}", refusal.text),
        Phase::NeedsAttention { refusal } => format!("needs attention: {}", refusal.text),
        Phase::Closing { held_by: None } => "being removed".to_owned(),
        Phase::Closing { held_by: Some(held_by) } => format!("being removed, blocked by: {held_by}"),
        Phase::Settling => "removed; making sure that nothing comes back".to_owned(),
        Phase::Gone => "gone; nothing is left".to_owned(),
    };
    let line = line.lines().next().unwrap_or_default();
    if line.chars().count() > LINE_LIMIT {
        line.chars().take(LINE_LIMIT - 1).chain(['…']).collect()
    } else {
        line.to_owned()
    }
}

/// Takes the power from what others wrote: no mention, no markup, no marker.
pub(super) fn neutral(text: &str) -> String {
    text.replace('@', "@\u{200b}").replace('<', "&lt;")
}

/// What somebody typed, on one line and without the marks that would end its quotation.
pub(super) fn plain(text: &str) -> String {
    let inner = |character: char| if character.is_control() || character == '`' { ' ' } else { character };
    text.chars().map(inner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::sample::preview;
    use serde_json::json;

    #[test]
    fn a_comment_has_so_many_characters_and_no_more() {
        let at = Timestamp::UNIX_EPOCH;
        let of = |length: usize| {
            let key = json!({ "kind": "deployments", "environment": "shop/pr-1" });
            let row = json!({ "key": key, "owed": 1, "notices": { "shop/pr-1": { "text": "ü".repeat(length), "at": 0 } } });
            let text = comment("marker", &[], &serde_json::from_value(row).unwrap(), at);
            (text.chars().count(), text.contains("shows the full text"))
        };
        let room = COMMENT_LIMIT - of(0).0;
        assert_eq!(of(room), (COMMENT_LIMIT, false));
        assert_eq!(of(room + 1), (COMMENT_LIMIT, true));
    }

    #[test]
    fn so_much_of_what_others_wrote_is_quoted_and_what_is_cut_says_so() {
        let id = "shop/pr-7".parse().unwrap();
        let quoted = |length: usize| quoted(&id, &"ü".repeat(length)).replace("\n> ", "\n");
        let (whole, cut) = (quoted(REFUSAL_LIMIT), quoted(REFUSAL_LIMIT + 1));
        let length = REFUSAL_LIMIT + "> ".len();
        assert_eq!((whole.chars().count(), cut.chars().count()), (length, length));
        assert!(whole.ends_with('ü'), "{whole}");
        assert!(cut.ends_with("ü…\n\nTruncated: `status shop/pr-7` shows the full text."), "{cut}");
    }

    #[test]
    fn what_others_wrote_has_no_power_in_a_line_either() {
        let phase = Phase::Waiting { why: "a <!-- b --> @ada".to_owned() };
        let environment = Environment { phase, ..preview(1) };
        let text = section(&environment, Timestamp::UNIX_EPOCH);
        assert!(text.starts_with("**shop**: waiting: a &lt;!-- b --> @\u{200b}ada\n"), "{text}");
        assert_eq!(text.matches("!-- b").count(), 1, "it is told once: {text}");
    }

    #[test]
    fn one_line_has_so_many_characters() {
        let of = |length: usize| {
            let why = "ü".repeat(length - "waiting: ".len());
            one_line(&Phase::Waiting { why })
        };
        let whole = of(LINE_LIMIT);
        assert_eq!((whole.chars().count(), whole.ends_with('ü')), (LINE_LIMIT, true));
        let cut = of(LINE_LIMIT + 1);
        assert_eq!((cut.chars().count(), cut.ends_with("ü…")), (LINE_LIMIT, true));
    }
}
