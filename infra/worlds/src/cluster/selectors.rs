//! Label selectors, as objects hold them and as lists are asked with them, and the field selectors of lists.

use serde_json::Value;

use super::object;
use super::refusal::Refusal;

/// One condition on a label: that it has one of these values (any, where there are none), or that it has not.
#[derive(Debug, Clone, PartialEq)]
struct Requirement {
    key: String,
    values: Vec<String>,
    wanted: bool,
}

/// What a list or a watch is narrowed to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Selection {
    labels: Vec<Requirement>,
    /// Fields by pointer, whether they are wanted equal, and the value.
    fields: Vec<(String, bool, String)>,
}

impl Selection {
    /// From the query parameters `labelSelector` and `fieldSelector`.
    pub(super) fn parse(labels: &str, fields: &str) -> Result<Selection, Refusal> {
        let fields = split(fields).map(field).collect::<Result<_, _>>()?;
        Ok(Selection { labels: split(labels).map(requirement).collect::<Result<_, _>>()?, fields })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    pub(super) fn matches(&self, object: &Value) -> bool {
        self.labels.iter().all(|requirement| requirement.holds(object))
            && self
                .fields
                .iter()
                .all(|(pointer, equal, value)| (object::text(object, pointer) == value) == *equal)
    }
}

impl Requirement {
    fn holds(&self, object: &Value) -> bool {
        let mut labels = object::entries(object, "/metadata/labels");
        let is_among = |value: &str| self.values.is_empty() || self.values.iter().any(|other| other == value);
        labels.any(|(key, value)| key == self.key && is_among(value)) == self.wanted
    }
}

/// Whether the `matchLabels` of a `LabelSelector` (`spec.selector`) select what carries the metadata of `template`.
pub(super) fn selects(selector: &Value, template: &Value) -> bool {
    let label = |key: &str| object::entries(template, "/metadata/labels").find(|(label, _)| *label == key);
    let mut wanted = object::entries(selector, "/matchLabels").peekable();
    wanted.peek().is_some() && wanted.all(|(key, value)| label(key) == Some((key, value)))
}

/// The parts between commas that are not inside parentheses.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    let parts = text.split(move |letter| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

fn requirement(text: &str) -> Result<Requirement, Refusal> {
    for (operator, wanted) in [("!=", false), ("==", true), ("=", true)] {
        if let Some((key, value)) = text.split_once(operator) {
            return Ok(Requirement { key: label_key(key)?, values: vec![label_value(value)?], wanted });
        }
    }
    let Some((head, values)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
        let key = label_key(text.trim_start_matches('!'))?;
        return Ok(Requirement { key, values: Vec::new(), wanted: !text.starts_with('!') });
    };
    let (key, operator) = head.trim().rsplit_once(' ').ok_or_else(|| unreadable(text))?;
    let values = values.split(',').map(label_value).collect::<Result<Vec<_>, _>>()?;
    match operator {
        "in" | "notin" => Ok(Requirement { key: label_key(key)?, values, wanted: operator == "in" }),
        _ => Err(unreadable(text)),
    }
}

fn label_key(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
    if text.is_empty() || !text.chars().all(fits) { Err(unreadable(text)) } else { Ok(text.to_owned()) }
}

fn label_value(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() { Ok(String::new()) } else { label_key(text) }
}

fn unreadable(text: &str) -> Refusal {
    Refusal::bad_request(format!(
        "unable to parse requirement: found '{text}', expected: !, identifier, or 'end of string'"
    ))
}

/// Beside the name and the namespace only some fields of Pods and of Events can be selected.
fn field(text: &str) -> Result<(String, bool, String), Refusal> {
    let not_equal = text.split_once("!=").map(|(path, value)| (path, false, value));
    let equal = || text.split_once('=').map(|(path, value)| (path, true, value.trim_start_matches('=')));
    let unreadable =
        || Refusal::bad_request(format!("invalid selector: '{text}'; can't understand '{text}'"));
    let (path, equal, value) = not_equal.or_else(equal).ok_or_else(unreadable)?;
    let known = ["metadata.name", "metadata.namespace", "status.phase", "spec.nodeName", "type", "reason"];
    if !known.contains(&path) && !path.starts_with("involvedObject.") {
        return Err(Refusal::bad_request(format!("field label not supported: {path}")));
    }
    Ok((format!("/{}", path.replace('.', "/")), equal, value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn label_selectors_are_understood() {
        let object = json!({ "metadata": { "name": "n", "labels": { "part": "a", "tier": "web" } } });
        for (selector, matches) in [
            ("", true),
            ("part=a", true),
            ("part==a,tier=web", true),
            ("part!=a", false),
            ("missing!=a", true),
            ("part in (a, b),!missing", true),
            ("part notin (a,b)", false),
            ("part", true),
            ("!part", false),
        ] {
            assert_eq!(Selection::parse(selector, "").unwrap().matches(&object), matches, "{selector}");
        }
        for bad in ["===", "a b", "part in a", "part xin (a)"] {
            assert!(Selection::parse(bad, "").is_err(), "{bad}");
        }
    }

    #[test]
    fn objects_are_selected_by_name() {
        let object = json!({ "metadata": { "name": "n" } });
        assert!(Selection::parse("", "metadata.name=n").unwrap().matches(&object));
        assert!(!Selection::parse("", "metadata.name!=n").unwrap().matches(&object));
        assert!(Selection::parse("", "spec.x=n").is_err());
    }

    #[test]
    fn an_empty_label_selector_of_an_object_selects_nothing_here() {
        let template = json!({ "metadata": { "labels": { "app": "web" } } });
        assert!(!selects(&json!({}), &template));
        assert!(!selects(&json!({ "matchLabels": { "app": "web", "tier": "a" } }), &template));
        assert!(selects(&json!({ "matchLabels": { "app": "web" } }), &template));
    }
}
