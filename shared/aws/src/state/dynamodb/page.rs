//! Reading rows of one partition, page after page.

use super::item::of_key;
use super::value::Item;
use crate::failure::{Effect, call_error};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::state::{Key, Query};

/// Where a query starts: after this key, or where its rows start. `None` when no row can answer it.
///
/// DynamoDB refuses a starting key that does not itself begin with the prefix.
pub(super) fn start(query: &Query) -> Option<Option<Item>> {
    let Some(after) = &query.after else { return Some(None) };
    if !after.is_empty() && after.starts_with(&query.prefix) {
        return Some(Some(of_key(&Key::new(&query.partition, after))));
    }
    (*after <= query.prefix).then_some(None)
}

/// Reads until the limit or the end is reached.
pub(super) async fn collect(
    call: QueryFluentBuilder,
    mut start: Option<Item>,
    limit: usize,
) -> Result<Vec<Item>, CallError> {
    let mut items = Vec::new();
    while items.len() < limit {
        let wanted = i32::try_from(limit - items.len()).unwrap_or(i32::MAX);
        let page = call.clone().limit(wanted).set_exclusive_start_key(start.take());
        let page = page.send().await.map_err(|error| call_error(error, Effect::Reads))?;
        items.extend(page.items.unwrap_or_default());
        start = page.last_evaluated_key.filter(|key| !key.is_empty());
        if start.is_none() {
            break;
        }
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadstead_steps::nouns::state::Consistency;

    fn query(prefix: &str, after: Option<&str>) -> Query {
        Query {
            partition: "p".into(),
            prefix: prefix.into(),
            consistency: Consistency::Strong,
            limit: 10,
            after: after.map(str::to_owned),
        }
    }

    fn starts_at(prefix: &str, after: &str) -> Option<Option<Item>> {
        start(&query(prefix, Some(after)))
    }

    #[test]
    fn a_key_among_the_rows_is_where_they_start() {
        let key = of_key(&Key::new("p", "b#2"));
        assert_eq!(starts_at("b#", "b#2"), Some(Some(key)));
    }

    #[test]
    fn a_key_before_the_rows_leaves_all() {
        assert_eq!(starts_at("b#", "a"), Some(None));
        assert_eq!(starts_at("", ""), Some(None));
    }

    #[test]
    fn a_key_behind_the_rows_leaves_none() {
        assert_eq!(starts_at("b#", "c"), None);
    }

    #[test]
    fn without_a_key_all_rows_are_meant() {
        assert_eq!(start(&query("b#", None)), Some(None));
    }
}
