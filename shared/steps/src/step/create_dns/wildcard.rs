//! A wildcard entrance: one name that covers all environments, made by others. It is only looked at.

use super::changes::of_zone;
use crate::{
    context::Context,
    nouns::{
        Dns,
        dns::RecordData,
        state::{Condition, Consistency, Write},
    },
    rows,
};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{platform::Entrance, refusal::Refusal, sentence};
use serde::{Deserialize, Serialize};

/// For how long a wildcard is believed to lead where it was seen to lead: many environments then cost one look.
const BELIEVED_FOR: SignedDuration = SignedDuration::from_mins(5);

/// What was seen.
#[derive(Debug, Serialize, Deserialize)]
struct Seen {
    target: String,
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    at: Timestamp,
}

/// Checks that the wildcard leads to the entrance. Only that it does is remembered: who mends it need not wait.
///
/// # Errors
/// Rejected when it leads elsewhere; others as the zone says.
pub(super) async fn check(context: &Context, dns: &dyn Dns, entrance: &Entrance) -> Result<(), Refusal> {
    let name = format!("*.{}", entrance.domain);
    let key = rows::wildcard(&entrance.zone, &name);
    let row = context.state.get(&key, Consistency::Eventual).await?;
    let seen: Option<Seen> = row.as_ref().map(rows::read).transpose()?;
    let now = context.now();
    if seen.is_some_and(|seen| seen.target == entrance.target.name && now < seen.at + BELIEVED_FOR) {
        return Ok(());
    }
    if !leads_there(dns, entrance, &name).await? {
        return Err(Refusal::rejected(sentence::wildcard_elsewhere(&name, &entrance.target.name)));
    }
    let seen = Seen { target: entrance.target.name.clone(), at: now };
    let row = rows::row(key, &seen, None)?;
    Ok(context.state.commit(&[Write::Put(row, Condition::Always)]).await?)
}

async fn leads_there(dns: &dyn Dns, entrance: &Entrance, name: &str) -> Result<bool, Refusal> {
    let sets = dns.records(&entrance.zone, &[name.to_owned()].into()).await;
    let sets = sets.map_err(|error| of_zone(&entrance.zone, error))?;
    Ok(sets.iter().any(|set| match &set.data {
        RecordData::Alias { target, .. } | RecordData::Name { target, .. } => *target == entrance.target.name,
        _ => false,
    }))
}
