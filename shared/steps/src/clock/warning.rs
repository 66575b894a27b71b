//! The warning before the end of a lifetime: once for each end, and owed to people in the commit that remembers it.

use crate::{
    carry::{announcements, change_and_owe},
    context::{Context, Handled},
    nouns::state::{Change, Condition, DUE_AT, Write},
    rows,
};
use roadstead_domain::environment::Environment;
use serde_json::json;

/// Warns people of the end of an environment at rest, which is due next. A row that changed meanwhile is due again by itself.
pub(super) async fn warn(context: &Context, environment: &Environment) -> Handled {
    let Some(end) = environment.expires_at.map(|end| json!(end.as_millisecond())) else { return Ok(()) };
    let changes =
        vec![Change::Set("warned_of".to_owned(), end.clone()), Change::Set(DUE_AT.to_owned(), end.clone())];
    let same = Condition::All(vec![
        Condition::Equals("expires_at".to_owned(), end),
        Condition::Missing("stage".to_owned()),
    ]);
    let change = Write::Update(rows::environment(&environment.id), changes, same);
    change_and_owe(context, change, &announcements(environment)).await.map(drop)
}
