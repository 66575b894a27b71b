//! Telling people, where a pull request is, what no environment's row says.

use crate::{
    announce::COALESCE,
    carry::owe,
    context::{Context, Handled},
    nouns::state::{Change, Condition, StateError, Write},
    rows,
};
use roadstead_domain::{
    announcement::{Announcement, AnnouncementKey, Notice},
    environment::Environment,
    message::Message,
    name::EnvironmentId,
    refusal::Refusal,
    repository::Commit,
};
use serde_json::json;

/// How often the row may change under our hands.
const TRIES: u32 = 5;

/// Owes people something about one environment, or about the pull request as a whole; unless it is what they are told
/// already.
pub(super) async fn notice(
    context: &Context,
    key: &AnnouncementKey,
    about: Option<&EnvironmentId>,
    text: String,
) -> Handled {
    tell(context, key, about, |told| told.text == text, (&text, None)).await
}

/// Owes people that a head was refused.
pub(super) async fn refused(
    context: &Context,
    key: &AnnouncementKey,
    about: &EnvironmentId,
    text: String,
    head: Commit,
) -> Handled {
    let known = |told: &Notice| told.text == text && told.holds.as_ref() == Some(&head);
    tell(context, key, Some(about), known, (&text, Some(&head))).await
}

/// Owes people something about one environment that looking at its source found, unless they are told anything about it
/// already: a webhook knew more, as who it was.
pub(super) async fn remind(
    context: &Context,
    key: &AnnouncementKey,
    about: &EnvironmentId,
    text: String,
) -> Handled {
    tell(context, key, Some(about), |_| true, (&text, None)).await
}

async fn tell(
    context: &Context,
    key: &AnnouncementKey,
    about: Option<&EnvironmentId>,
    suffices: impl Fn(&Notice) -> bool + Send + Sync,
    what: (&str, Option<&Commit>),
) -> Handled {
    for _ in 0..TRIES {
        let known: Option<Announcement> =
            rows::load(context.state.as_ref(), &rows::announcement(key)).await?;
        if is_told(context, known.as_ref(), about, &suffices).await? {
            return Ok(());
        }
        match context.state.commit(&[write(context, key, known.as_ref(), about, what)?]).await {
            Ok(()) => {
                context.send(&Message::Announcement { announcement: key.clone() }, COALESCE).await;
                return Ok(());
            }
            Err(StateError::Refused { .. } | StateError::Busy) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::unavailable("the announcement kept changing"))
}

fn write(
    context: &Context,
    key: &AnnouncementKey,
    known: Option<&Announcement>,
    about: Option<&EnvironmentId>,
    (text, head): (&str, Option<&Commit>),
) -> Result<Write, Refusal> {
    let mut told = Notice { text: text.to_owned(), at: context.now(), holds: head.cloned() };
    let change = match about {
        None => Change::Set("notice".to_owned(), rows::attribute(&told)?),
        Some(id) => {
            let mut notices = known.map(|known| known.notices.clone()).unwrap_or_default();
            let holds = notices.remove(id).and_then(|before| before.holds);
            told.holds = told.holds.or(holds);
            notices.insert(id.clone(), told);
            Change::Set("notices".to_owned(), rows::attribute(&notices)?)
        }
    };
    let unchanged = match known {
        Some(known) => Condition::Equals("owed".to_owned(), json!(known.owed)),
        None => Condition::RowMissing,
    };
    Ok(match owe(key, context.now())? {
        Write::Update(row, mut changes, _) => {
            changes.push(change);
            Write::Update(row, changes, unchanged)
        }
        other => other,
    })
}

/// Whether people are told what suffices, and nothing newer has taken its place since.
async fn is_told(
    context: &Context,
    known: Option<&Announcement>,
    about: Option<&EnvironmentId>,
    suffices: &(impl Fn(&Notice) -> bool + Send + Sync),
) -> Result<bool, Refusal> {
    let Some(known) = known else { return Ok(false) };
    let Some(id) = about else { return Ok(known.notice.as_ref().is_some_and(suffices)) };
    let Some(told) = known.notices.get(id).filter(|told| suffices(told)) else { return Ok(false) };
    let environment: Option<Environment> = rows::load(context.state.as_ref(), &rows::environment(id)).await?;
    Ok(told.is_news_to(environment.as_ref()))
}
