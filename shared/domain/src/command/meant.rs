//! What was probably meant by what is no command: the line, repaired until it is understood.

use super::{Command, TEXT_LIMIT, USAGES};
use crate::{name::EnvironmentId, platform::duration};

/// How many letters may differ between what was typed and what was probably meant.
const CLOSE: usize = 2;
/// How often a line is repaired until it is given up.
const TIMES: usize = 3;

/// Mends one thing in a line; none where there is nothing of it to mend.
type Repair = fn(&[String]) -> Option<Vec<String>>;

/// The likeliest first.
const REPAIRS: [Repair; 6] =
    [known_verb, in_one_word, in_two_words, in_lower_case, span_at_the_end, branch_word];

/// Verbs that people know from elsewhere.
const SYNONYMS: [(&str, &str); 20] = [
    ("add", "create"),
    ("make", "create"),
    ("new", "create"),
    ("start", "create"),
    ("up", "create"),
    ("del", "destroy"),
    ("delete", "destroy"),
    ("down", "destroy"),
    ("drop", "destroy"),
    ("kill", "destroy"),
    ("remove", "destroy"),
    ("rm", "destroy"),
    ("stop", "destroy"),
    ("ls", "list"),
    ("info", "status"),
    ("show", "status"),
    ("again", "retry"),
    ("rerun", "retry"),
    ("keep", "extend"),
    ("prolong", "extend"),
];

/// Words that people put before a branch.
const BEFORE_BRANCH: [&str; 3] = ["from", "of", "on"];
/// Words that people put before a span of time.
const BEFORE_SPAN: [&str; 4] = ["by", "for", "in", "to"];

/// The whole line that was probably meant, which is understood as it stands.
pub(super) fn meant(slash: &str, text: &str) -> Option<String> {
    let typed = text.split_whitespace().map(str::to_owned);
    let mut lines = vec![std::iter::once(slash.to_owned()).chain(typed).collect::<Vec<_>>()];
    for _ in 0..TIMES {
        lines = lines.iter().flat_map(|line| REPAIRS.iter().filter_map(|repair| repair(line))).collect();
        if let Some(found) = lines.iter().find(|line| is_understood(line)) {
            return Some(found.join(" "));
        }
    }
    None
}

/// Whether it can be typed as it is shown, between two backticks.
fn is_understood(line: &[String]) -> bool {
    let text = line[1..].join(" ");
    text.len() <= TEXT_LIMIT && !text.contains('`') && Command::understand(&line[0], &text).is_ok()
}

/// The verb of a line, if it is one that is known.
fn verb(line: &[String]) -> Option<&'static str> {
    let known = USAGES.iter().filter_map(|usage| usage.verb.strip_prefix("/env "));
    match (line[0].as_str(), line.get(1)) {
        ("/deploy", _) => Some("deploy"),
        ("/env", Some(said)) => known.into_iter().find(|known| said == known),
        _ => None,
    }
}

/// A verb that does not exist: what others call it, or the closest one that does.
fn known_verb(line: &[String]) -> Option<Vec<String>> {
    if line[0] != "/env" || verb(line).is_some() {
        return None;
    }
    let said = line.get(1)?.to_lowercase();
    if said == "deploy" {
        return Some(std::iter::once("/deploy".to_owned()).chain(line[2..].iter().cloned()).collect());
    }
    let synonym = SYNONYMS.iter().find(|(synonym, _)| *synonym == said).map(|(_, known)| *known);
    let known = USAGES.iter().filter_map(|usage| usage.verb.strip_prefix("/env "));
    let closest = known.map(|known| (strsim::osa_distance(known, &said), known)).min();
    let closest = closest.filter(|(distance, _)| *distance <= CLOSE).map(|(_, known)| known);
    synonym.or(closest).map(|known| replaced(line, 1, 1, &[known]))
}

/// `shop pr-42` where `shop/pr-42` is asked for.
fn in_one_word(line: &[String]) -> Option<Vec<String>> {
    let asked = matches!(verb(line)?, "destroy" | "status" | "retry" | "extend");
    let (application, name) = (line.get(2)?, line.get(3)?);
    let id = format!("{application}/{name}").to_lowercase();
    let is_name = !BEFORE_SPAN.contains(&name.as_str()) && span(name).is_none();
    (asked && is_name && id.parse::<EnvironmentId>().is_ok()).then(|| replaced(line, 2, 2, &[&id]))
}

/// `shop/try` where `shop try` is asked for.
fn in_two_words(line: &[String]) -> Option<Vec<String>> {
    let at = match verb(line)? {
        "create" => 2,
        "deploy" => 1,
        _ => return None,
    };
    let (application, name) = line.get(at)?.split_once('/')?;
    Some(replaced(line, at, 1, &[application, name]))
}

/// Everything but a branch, in which capitals count.
fn in_lower_case(line: &[String]) -> Option<Vec<String>> {
    let mut lower = line.to_vec();
    for at in 1..line.len() {
        if !line[at - 1].eq_ignore_ascii_case("branch") {
            lower[at] = line[at].to_lowercase();
        }
    }
    (lower != line).then_some(lower)
}

/// The span of time comes last, after its own word.
fn span_at_the_end(line: &[String]) -> Option<Vec<String>> {
    let word = match verb(line)? {
        "create" => "for",
        "extend" => "by",
        _ => return None,
    };
    let named = |at: usize| line[at - 1] == "branch";
    let at = (3..line.len()).rev().find(|at| !named(*at) && spoken(&line[*at..]).is_some())?;
    let (span, words) = spoken(&line[at..])?;
    let introduced = at > 3 && BEFORE_SPAN.contains(&line[at - 1].as_str());
    let first = if introduced { at - 1 } else { at };
    let mut mended = replaced(line, first, at + words - first, &[]);
    mended.extend([word.to_owned(), span]);
    (mended != line).then_some(mended)
}

/// `branch`, misspelt or said otherwise.
fn branch_word(line: &[String]) -> Option<Vec<String>> {
    if verb(line)? != "create" || line.iter().any(|word| word == "branch") {
        return None;
    }
    let is_close =
        |word: &str| strsim::osa_distance("branch", word) <= CLOSE || BEFORE_BRANCH.contains(&word);
    let at = (3..line.len() - 1).find(|at| is_close(&line[*at].to_lowercase()))?;
    Some(replaced(line, at, 1, &["branch"]))
}

/// A line with other words in the place of some.
fn replaced(line: &[String], at: usize, count: usize, by: &[&str]) -> Vec<String> {
    let mut line = line.to_vec();
    line.splice(at..at + count, by.iter().map(|word| (*word).to_owned()));
    line
}

/// The span of time that begins a row of words, as it is to be typed, and how many words it takes: `4h`, `4H`, `4 hours`.
fn spoken(words: &[String]) -> Option<(String, usize)> {
    let first = words.first()?;
    let both = words.get(1).map(|second| format!("{first}{second}"));
    let in_two = both.and_then(|both| Some((span(&both)?, 2)));
    in_two.filter(|_| first.bytes().all(|byte| byte.is_ascii_digit())).or_else(|| Some((span(first)?, 1)))
}

/// A span of time in one word, as it is to be typed.
pub(super) fn span(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let digits = lower.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = lower.split_at(digits);
    let unit = match unit {
        "s" | "sec" | "secs" | "second" | "seconds" => 's',
        "m" | "min" | "mins" | "minute" | "minutes" => 'm',
        "h" | "hr" | "hrs" | "hour" | "hours" => 'h',
        "d" | "day" | "days" => 'd',
        _ => return None,
    };
    let span = format!("{number}{unit}");
    duration::parse(&span).ok().map(|_| span)
}
