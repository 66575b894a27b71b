use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::name::DomainName;
use super::record::RecordSet;
use super::view::{Effects, RecordSets, View};

/// The name servers of the reusable delegation set that every zone here has.
pub(super) const NAME_SERVERS: [&str; 2] = ["ns-1.awsdns-01.org.", "ns-2.awsdns-02.co.uk."];

/// One public hosted zone: what was accepted, and what its name servers know.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Zone {
    pub(super) id: String,
    pub(super) name: DomainName,
    pub(super) caller_reference: String,
    pub(super) records: RecordSets,
    pub(super) changed_at: Option<Timestamp>,
    published: RecordSets,
    pending: Vec<Pending>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Pending {
    insync_at: Timestamp,
    effects: Effects,
}

impl Zone {
    pub(super) fn new(id: String, name: DomainName, now: Timestamp) -> Self {
        let authority = format!("{} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400", NAME_SERVERS[0]);
        let apex = [
            RecordSet::of_values(name.as_str(), "NS", 172_800, &NAME_SERVERS),
            RecordSet::of_values(name.as_str(), "SOA", 900, &[&authority]),
        ];
        let records: RecordSets = apex.map(|set| (name.record_key(&set.kind), set)).into();
        let caller_reference = format!("{id}-{}", now.as_second());
        let published = records.clone();
        Self { id, name, caller_reference, records, changed_at: None, published, pending: Vec::new() }
    }

    /// Takes a batch that was found good; name servers learn of it at `insync_at`.
    pub(super) fn accept(&mut self, effects: Effects, now: Timestamp, insync_at: Timestamp) {
        self.publish(now);
        lay(&mut self.records, effects.clone());
        self.pending.push(Pending { insync_at, effects });
        self.changed_at = Some(now);
        self.publish(now);
    }

    fn publish(&mut self, now: Timestamp) {
        let (due, later) =
            std::mem::take(&mut self.pending).into_iter().partition(|change| change.insync_at <= now);
        self.pending = later;
        let due: Vec<Pending> = due;
        for change in due {
            lay(&mut self.published, change.effects);
        }
    }

    /// What the name servers answer from at a moment.
    pub(super) fn published_at(&self, now: Timestamp) -> View<'_> {
        let mut view = View::of(&self.published);
        for change in self.pending.iter().filter(|change| change.insync_at <= now) {
            view.effects.extend(change.effects.clone());
        }
        view
    }
}

fn lay(records: &mut RecordSets, effects: Effects) {
    for (key, set) in effects {
        match set {
            Some(set) => records.insert(key, set),
            None => records.remove(&key),
        };
    }
}
