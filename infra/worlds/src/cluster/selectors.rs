//! Label selectors, as objects hold them and as lists are asked with them, and the field selectors of lists.

use serde_json::Value;

use super::object;
use super::refusal::Refusal;

/// One condition on labels.
#[derive(Debug, Clone, PartialEq)]
enum Requirement {
    Among(String, Vec<String>),
    NotAmong(String, Vec<String>),
    Exists(String),
    Missing(String),
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
        let label = |key: &str| {
            object::entries(object, "/metadata/labels")
                .find(|(label, _)| *label == key)
                .map(|(_, value)| value)
        };
        match self {
            Requirement::Among(key, values) => {
                label(key).is_some_and(|value| values.iter().any(|wanted| wanted == value))
            }
            Requirement::NotAmong(key, values) => {
                label(key).is_none_or(|value| values.iter().all(|unwanted| unwanted != value))
            }
            Requirement::Exists(key) => label(key).is_some(),
            Requirement::Missing(key) => label(key).is_none(),
        }
    }
}

/// Whether a `LabelSelector` (of `spec.selector`) selects what carries the metadata of `template`.
pub(super) fn selects(selector: &Value, template: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let exact = object::entries(selector, "/matchLabels")
        .map(|(key, value)| Requirement::Among(key.to_owned(), vec![value.to_owned()]));
    let expressions = object::items(selector, "/matchExpressions").iter().map(|expression| {
        let key = text(&expression["key"]);
        let values = object::items(expression, "/values").iter().map(text).collect();
        match object::text(expression, "/operator") {
            "In" => Requirement::Among(key, values),
            "NotIn" => Requirement::NotAmong(key, values),
            "Exists" => Requirement::Exists(key),
            _ => Requirement::Missing(key),
        }
    });
    let requirements: Vec<Requirement> = exact.chain(expressions).collect();
    !requirements.is_empty() && requirements.iter().all(|requirement| requirement.holds(template))
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
    if let Some(key) = text.strip_prefix('!') {
        return Ok(Requirement::Missing(label_key(key)?));
    }
    for (operator, wanted) in [("!=", false), ("==", true), ("=", true)] {
        if let Some((key, value)) = text.split_once(operator) {
            let (key, values) = (label_key(key)?, vec![label_value(value)?]);
            return Ok(if wanted {
                Requirement::Among(key, values)
            } else {
                Requirement::NotAmong(key, values)
            });
        }
    }
    let Some((head, values)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
        return Ok(Requirement::Exists(label_key(text)?));
    };
    let values = values.split(',').map(label_value).collect::<Result<Vec<_>, _>>()?;
    match head.trim().rsplit_once(' ') {
        Some((key, "in")) => Ok(Requirement::Among(label_key(key)?, values)),
        Some((key, "notin")) => Ok(Requirement::NotAmong(label_key(key)?, values)),
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

/// Only the name and the namespace can be selected for every kind, and the phase of a Pod.
fn field(text: &str) -> Result<(String, bool, String), Refusal> {
    let (path, equal, value) = match text.split_once("!=") {
        Some((path, value)) => (path, false, value),
        None => match text.split_once('=') {
            Some((path, value)) => (path, true, value.trim_start_matches('=')),
            None => {
                return Err(Refusal::bad_request(format!(
                    "invalid selector: '{text}'; can't understand '{text}'"
                )));
            }
        },
    };
    if ![
        "metadata.name",
        "metadata.namespace",
        "status.phase",
        "involvedObject.name",
        "involvedObject.uid",
        "type",
    ]
    .contains(&path)
    {
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
        assert!(selects(&json!({ "matchExpressions": [{ "key": "app", "operator": "Exists" }] }), &template));
    }
}
