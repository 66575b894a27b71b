//! All rows of one partition that begin alike, however many there are.

use crate::nouns::{
    State,
    state::{Consistency, Query, Row, StateError},
};

/// How many rows are read at once: a pace and no limit, because what is left is read next.
pub const PAGE: usize = 1_000;

/// Reads them to the last, in the order of their sort keys, and sees all writes.
///
/// # Errors
/// When the table does not answer.
pub async fn all(state: &dyn State, partition: &str, prefix: &str) -> Result<Vec<Row>, StateError> {
    let (mut all, mut after) = (vec![], None);
    loop {
        let query = Query {
            partition: partition.to_owned(),
            prefix: prefix.to_owned(),
            consistency: Consistency::Strong,
            limit: PAGE,
            after: after.take(),
        };
        let page = state.query(&query).await?;
        after = page.last().map(|last| last.key.sort.clone());
        let is_last = page.len() < PAGE;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}
