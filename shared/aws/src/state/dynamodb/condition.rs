//! Conditions as condition expressions.

use super::expression::Placeholders;
use super::item::PARTITION;
use aws_sdk_dynamodb::types::AttributeValue;
use roadstead_steps::nouns::state::Condition;

/// What is left of a condition once all that is settled by itself is taken out of it.
enum Folded<'condition> {
    Always,
    Never,
    Test(&'condition Condition),
    All(Vec<Folded<'condition>>),
    Any(Vec<Folded<'condition>>),
}

/// The expression of a condition; none for one that always holds.
pub(super) fn expression(condition: &Condition, placeholders: &mut Placeholders) -> Option<String> {
    match fold(condition) {
        Folded::Always => None,
        Folded::Never => Some(format!("attribute_exists({PARTITION}) AND attribute_not_exists({PARTITION})")),
        folded => Some(write(&folded, placeholders)),
    }
}

fn fold(condition: &Condition) -> Folded<'_> {
    match condition {
        Condition::Always => Folded::Always,
        Condition::All(conditions) => fold_all(conditions),
        Condition::Any(conditions) => fold_any(conditions),
        test => Folded::Test(test),
    }
}

fn fold_all(conditions: &[Condition]) -> Folded<'_> {
    let mut left = Vec::new();
    for folded in conditions.iter().map(fold) {
        match folded {
            Folded::Always => {}
            Folded::Never => return Folded::Never,
            Folded::All(inner) => left.extend(inner),
            other => left.push(other),
        }
    }
    only(left)
        .unwrap_or_else(|several| if several.is_empty() { Folded::Always } else { Folded::All(several) })
}

fn fold_any(conditions: &[Condition]) -> Folded<'_> {
    let mut left = Vec::new();
    for folded in conditions.iter().map(fold) {
        match folded {
            Folded::Never => {}
            Folded::Always => return Folded::Always,
            Folded::Any(inner) => left.extend(inner),
            other => left.push(other),
        }
    }
    only(left).unwrap_or_else(|several| if several.is_empty() { Folded::Never } else { Folded::Any(several) })
}

fn only(mut left: Vec<Folded<'_>>) -> Result<Folded<'_>, Vec<Folded<'_>>> {
    if left.len() == 1 { left.pop().ok_or(left) } else { Err(left) }
}

fn write(folded: &Folded<'_>, placeholders: &mut Placeholders) -> String {
    match folded {
        // Folding leaves these two only at the very top, where they are answered.
        Folded::Always | Folded::Never => String::new(),
        Folded::Test(condition) => test(condition, placeholders),
        Folded::All(parts) => join(parts, " AND ", placeholders),
        Folded::Any(parts) => join(parts, " OR ", placeholders),
    }
}

/// DynamoDB refuses redundant parentheses, so only what is joined itself gets them.
fn join(parts: &[Folded<'_>], word: &str, placeholders: &mut Placeholders) -> String {
    let parts = parts.iter().map(|part| match part {
        Folded::Test(condition) => test(condition, placeholders),
        joined => format!("({})", write(joined, placeholders)),
    });
    parts.collect::<Vec<_>>().join(word)
}

fn test(condition: &Condition, placeholders: &mut Placeholders) -> String {
    match condition {
        Condition::RowMissing => format!("attribute_not_exists({PARTITION})"),
        Condition::RowExists => format!("attribute_exists({PARTITION})"),
        Condition::Missing(path) => format!("attribute_not_exists({})", placeholders.path(path)),
        Condition::Exists(path) => format!("attribute_exists({})", placeholders.path(path)),
        Condition::Equals(path, value) if value.is_null() => {
            format!("attribute_not_exists({})", placeholders.path(path))
        }
        Condition::Equals(path, value) => compare(path, "=", super::value::from_json(value), placeholders),
        Condition::Below(path, bound) => {
            compare(path, "<", AttributeValue::N(bound.to_string()), placeholders)
        }
        // Folding leaves none of these as a test.
        Condition::Always | Condition::All(_) | Condition::Any(_) => String::new(),
    }
}

fn compare(path: &str, sign: &str, value: AttributeValue, placeholders: &mut Placeholders) -> String {
    format!("{} {sign} {}", placeholders.path(path), placeholders.value(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Condition::{All, Always, Any, Below, Equals, Exists, Missing, RowExists, RowMissing};
    use serde_json::{Value, json};

    fn text(condition: Condition) -> Option<String> {
        expression(&condition, &mut Placeholders::default())
    }

    fn says(condition: Condition, expected: &str) {
        assert_eq!(text(condition).as_deref(), Some(expected));
    }

    fn equals(path: &str) -> Condition {
        Equals(path.into(), json!(1))
    }

    #[test]
    fn every_kind_has_its_expression() {
        says(RowMissing, "attribute_not_exists(pk)");
        says(RowExists, "attribute_exists(pk)");
        says(Missing("a".into()), "attribute_not_exists(#n0)");
        says(Exists("a.b".into()), "attribute_exists(#n0.#n1)");
        says(equals("a"), "#n0 = :v0");
        says(Equals("a".into(), Value::Null), "attribute_not_exists(#n0)");
        says(Below("a".into(), 3), "#n0 < :v0");
    }

    #[test]
    fn only_what_is_joined_itself_stands_in_parentheses() {
        let inner = Any(vec![equals("b"), All(vec![equals("c"), equals("a")])]);
        says(All(vec![equals("a"), inner]), "#n0 = :v0 AND (#n1 = :v1 OR (#n2 = :v2 AND #n0 = :v3))");
        says(All(vec![All(vec![equals("a"), RowExists]), Any(vec![equals("b")])]), {
            "#n0 = :v0 AND attribute_exists(pk) AND #n1 = :v1"
        });
    }

    #[test]
    fn what_always_holds_needs_no_expression() {
        for condition in [Always, All(vec![]), All(vec![Always]), Any(vec![equals("a"), Always])] {
            assert_eq!(text(condition), None);
        }
    }

    #[test]
    fn what_never_holds_names_nothing_else() {
        for condition in [Any(vec![]), All(vec![equals("a"), Any(vec![])])] {
            let mut placeholders = Placeholders::default();
            let text = expression(&condition, &mut placeholders);
            assert_eq!(text.as_deref(), Some("attribute_exists(pk) AND attribute_not_exists(pk)"));
            assert_eq!((placeholders.names(), placeholders.values()), (None, None));
        }
    }
}
