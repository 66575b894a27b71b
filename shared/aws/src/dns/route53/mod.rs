//! DNS in Amazon Route 53 (API version 2013-04-01): sets of records with simple routing.

mod name;
mod record;
mod refusal;
mod text;

use crate::configuration::Aws;
use crate::failure::{Effect, call_error};
use aws_sdk_route53::Client;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ChangeStatus as Status};
use roadstead_steps::nouns::dns::{BATCH_LIMIT, ChangeStatus, RecordChange, RecordSet};
use roadstead_steps::nouns::{CallError, Dns};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Hosted zones in Route 53, each by its id.
pub struct Route53 {
    aws: Arc<Aws>,
    client: OnceCell<Client>,
}

impl Route53 {
    /// The hosted zones of the account.
    pub fn new(aws: Arc<Aws>) -> Self {
        Self { aws, client: OnceCell::new() }
    }

    async fn client(&self) -> &Client {
        self.client.get_or_init(|| async { Client::new(self.aws.sdk().await) }).await
    }
}

#[async_trait::async_trait]
impl Dns for Route53 {
    async fn records(&self, zone: &str, names: &BTreeSet<String>) -> Result<Vec<RecordSet>, CallError> {
        let list = self.client().await.list_resource_record_sets().hosted_zone_id(zone);
        let mut wanted: BTreeMap<String, &str> =
            names.iter().map(|name| (name::place(name), name.as_str())).collect();
        let mut found = Vec::new();
        while let Some((_, first)) = wanted.pop_first() {
            let mut call = list.clone().start_record_name(first);
            loop {
                let page = call.send().await.map_err(|error| call_error(error, Effect::Reads))?;
                let sets = page.resource_record_sets.iter().map(record::read);
                found.extend(sets.filter(|set| names.contains(&set.name)));
                let Some(next) = page.next_record_name.filter(|_| page.is_truncated) else {
                    return Ok(found);
                };
                // Names are listed in order: what comes before the next one was seen, if it is there.
                wanted = wanted.split_off(&name::place(&next));
                if !names.contains(&name::plain(&next)) {
                    break;
                }
                wanted.remove(&name::place(&next));
                call = list
                    .clone()
                    .start_record_name(next)
                    .set_start_record_type(page.next_record_type)
                    .set_start_record_identifier(page.next_record_identifier);
            }
        }
        Ok(found)
    }

    async fn change(&self, zone: &str, changes: &[RecordChange]) -> Result<String, CallError> {
        let batch = batch(changes)?;
        let call = self.client().await.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
        let answer = call.send().await.map_err(refusal::of_change)?;
        let info = answer.change_info.ok_or_else(|| broken("a change was answered without its id"))?;
        Ok(info.id.trim_start_matches("/change/").to_owned())
    }

    async fn status(&self, change: &str) -> Result<ChangeStatus, CallError> {
        let answer = self.client().await.get_change().id(change).send().await;
        let answer = answer.map_err(|error| call_error(error, Effect::Reads))?;
        match answer.change_info.map(|info| info.status) {
            Some(Status::Insync) => Ok(ChangeStatus::InSync),
            Some(Status::Pending) => Ok(ChangeStatus::Pending),
            _ => Err(broken("a change has a status that is not documented")),
        }
    }
}

fn batch(changes: &[RecordChange]) -> Result<ChangeBatch, CallError> {
    if changes.is_empty() || changes.len() > BATCH_LIMIT {
        let reason = format!("a batch has 1 to {BATCH_LIMIT} changes, not {}", changes.len());
        return Err(CallError::Refused { reason });
    }
    let changes = changes.iter().map(change).collect::<Result<Vec<_>, _>>()?;
    ChangeBatch::builder().set_changes(Some(changes)).build().map_err(|error| broken(&error.to_string()))
}

fn change(change: &RecordChange) -> Result<Change, CallError> {
    let (action, set) = match change {
        RecordChange::Create(set) => (ChangeAction::Create, set),
        RecordChange::Delete(set) => (ChangeAction::Delete, set),
    };
    let set = record::write(set)?;
    Change::builder()
        .action(action)
        .resource_record_set(set)
        .build()
        .map_err(|error| broken(&error.to_string()))
}

fn broken(reason: &str) -> CallError {
    CallError::Broken { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadstead_steps::nouns::dns::RecordData;

    fn create(number: usize) -> RecordChange {
        let data = RecordData::Text { values: vec!["mark".into()], ttl: 60 };
        RecordChange::Create(RecordSet { name: format!("{number}.example.com"), data })
    }

    #[test]
    fn a_batch_has_at_most_500_changes() {
        let changes = (0..=BATCH_LIMIT).map(create).collect::<Vec<_>>();
        assert_eq!(batch(&changes[..BATCH_LIMIT]).unwrap().changes.len(), BATCH_LIMIT);
        assert!(matches!(batch(&changes), Err(CallError::Refused { .. })));
        assert!(matches!(batch(&[]), Err(CallError::Refused { .. })));
    }
}
