//! The check run of an environment, beside the commit that it runs.

use super::{
    comment::{images, neutral},
    cut, goes_away,
    lifetime::moment,
    one_line,
};
use crate::{
    environment::{Environment, Phase},
    name::EnvironmentId,
};
use jiff::Timestamp;
use std::fmt::Write as _;

/// The longest summary of a check run, in characters (GitHub REST API, "Check runs").
const SUMMARY_LIMIT: usize = 65_535;

/// The name of an environment's check runs.
pub fn check_name(id: &EnvironmentId) -> String {
    format!("Roadstead: {id}")
}

/// How an environment is, in one line; and once its end is near, when that is.
pub fn check_title(environment: &Environment) -> String {
    let line = one_line(&environment.phase);
    match near_end(environment) {
        Some(end) => format!("{line}; goes away on {}", moment(end)),
        None => line,
    }
}

/// The end of which people were warned.
fn near_end(environment: &Environment) -> Option<Timestamp> {
    environment.told_end().filter(|_| environment.is_warned())
}

/// What there is to know of the carrying generation, with the whole text of a refusal.
pub fn check_summary(environment: &Environment, now: Timestamp) -> String {
    let Environment { id, carrying, cause, phase, .. } = environment;
    let mut text = format!("`{id}`, generation {carrying}, wanted by {}.", neutral(&cause.actor.to_string()));
    if let (Phase::Ready, Some(url)) = (phase, &environment.url) {
        let _ = write!(text, "\n\n{url}");
    }
    if let Some(revisions) = &environment.revisions {
        text.push_str(&images(revisions));
    }
    match phase {
        Phase::Failed { refusal } | Phase::NeedsAttention { refusal } => {
            text.push_str(&check_failure(id, &refusal.text));
        }
        _ => {
            let _ = write!(text, "\n\n{}", neutral(&one_line(phase)));
        }
    }
    if let Some(end) = near_end(environment) {
        let _ = write!(text, "\n\n{}", goes_away(environment, end, now));
    }
    cut(&text, SUMMARY_LIMIT, id)
}

/// Why a generation failed.
pub fn check_failure(id: &EnvironmentId, told: &str) -> String {
    cut(&format!("\n\n> {}", neutral(told).replace('\n', "\n> ")), SUMMARY_LIMIT, id)
}

/// A newer generation took its place before it was ready.
pub fn check_superseded() -> String {
    "superseded: a newer deployment took its place".to_owned()
}

/// The environment is no more.
pub fn check_removed() -> String {
    "removed: the environment goes away, or is gone".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_all_that_fits() {
        let id: EnvironmentId = "shop/pr-2".parse().unwrap();
        let frame = check_failure(&id, "").chars().count();
        let told = "ü".repeat(SUMMARY_LIMIT - frame);
        let whole = check_failure(&id, &told);
        assert_eq!(whole.chars().count(), SUMMARY_LIMIT);
        assert!(whole.ends_with(&told));
        let longer = check_failure(&id, &format!("{told}ü"));
        assert_eq!(longer.chars().count(), SUMMARY_LIMIT);
        assert!(
            longer.ends_with("`status shop/pr-2` shows the full text."),
            "{}",
            &longer[longer.len() - 80..]
        );
    }

    #[test]
    fn what_others_wrote_has_no_power() {
        let told = check_failure(&"shop/pr-2".parse().unwrap(), "@ada <img>\nsecond");
        assert_eq!(told, "\n\n> @\u{200b}ada &lt;img>\n> second");
    }
}
