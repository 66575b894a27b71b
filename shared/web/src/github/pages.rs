//! Lists in pages (GitHub, "Using pagination in the REST API"; RFC 8288, `Link`).

use super::http::{Call, Caller, broken, read};
use http::Response;
use http::header::LINK;
use roadstead_steps::nouns::CallError;
use serde::de::DeserializeOwned;

/// How many items a page holds, which is the most that GitHub gives.
pub(super) const PAGE: usize = 100;
/// How many pages a list may have: 5,000 items.
pub(super) const PAGES_LIMIT: usize = 50;
/// How many pages, the newest items first, are searched for one of ours: it was made a short while ago, and there may be
/// thousands.
pub(super) const PAGES_SEARCHED: usize = 5;

/// The address of one page, counted from 1.
pub(super) fn address(list: &str, query: &[(&str, &str)], page: usize) -> Result<String, CallError> {
    let query =
        serde_urlencoded::to_string(query).map_err(|_| broken("a query for GitHub cannot be written"))?;
    let and = if query.is_empty() { "" } else { "&" };
    Ok(format!("{list}?{query}{and}per_page={PAGE}&page={page}"))
}

/// Whether the answer says that another page follows. Its address is ours to build, whatever the link says.
pub(super) fn has_next(response: &Response<Vec<u8>>) -> bool {
    let links = response.headers().get_all(LINK);
    links.iter().any(|link| link.to_str().is_ok_and(|link| link.contains(r#"rel="next""#)))
}

/// All items of a list from a page on.
///
/// # Errors
/// When any page cannot be read, or the list has more than [`PAGES_LIMIT`] of them: it is whole or it is an error.
pub(super) async fn all<T: DeserializeOwned>(
    caller: &Caller,
    list: &str,
    query: &[(&str, &str)],
    from: usize,
) -> Result<Vec<T>, CallError> {
    let mut items = Vec::new();
    for page in from..=PAGES_LIMIT {
        let response = caller.call(Call::get(&address(list, query, page)?)).await?;
        items.extend(read::<Vec<T>>(&response)?);
        if !has_next(&response) {
            return Ok(items);
        }
    }
    Err(CallError::Refused { reason: format!("GitHub lists more than {} items", PAGES_LIMIT * PAGE) })
}

/// What `on_page` finds first among the newest items of a list, by page.
pub(super) async fn find<P: DeserializeOwned, T>(
    caller: &Caller,
    list: &str,
    query: &[(&str, &str)],
    on_page: impl Fn(P) -> Option<T>,
) -> Result<Option<T>, CallError> {
    for page in 1..=PAGES_SEARCHED {
        let response = caller.call(Call::get(&address(list, query, page)?)).await?;
        let found = on_page(read(&response)?);
        if found.is_some() || !has_next(&response) {
            return Ok(found);
        }
    }
    Ok(None)
}
