//! Amazon Route 53, modelled: REST-XML of API version 2013-04-01, hosted zones with simple routing.
//!
//! A change is accepted at once and answered by name servers only when it is INSYNC, as in the original.

mod batch;
mod listing;
mod name;
mod record;
mod refusal;
mod replies;
mod resolver;
#[cfg(test)]
mod tests;
mod throttle;
mod view;
mod wire;
mod zone;

use std::collections::BTreeMap;

use http::{Method, Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use batch::{Action, Change, RECORDS_LIMIT, VALUE_CHARACTERS_LIMIT};
pub use listing::ITEMS_LIMIT;
pub use name::DomainName;
pub use record::{AliasTarget, RecordSet, ResourceRecord, ResourceRecords};
pub use refusal::Refusal;
pub use resolver::Answer;
pub use throttle::Throttle;

use replies::{ChangeInfo, ChangeInfoReply};
use view::View;
use zone::Zone;

const API_PREFIX: &str = "/2013-04-01/";

/// How this account's Route 53 behaves.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// How long a change stays PENDING.
    pub propagation: SignedDuration,
    /// While a zone's last change is younger than this, the next is refused with PriorRequestNotComplete.
    pub processing: Option<SignedDuration>,
    /// The account's request rate; `None` admits everything.
    pub throttle: Option<Throttle>,
    /// Zones of AWS services by id, with the domain that an alias into them must lie in.
    pub service_zones: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        let service_zones = SERVICE_ZONES.map(|(id, domain)| (id.to_owned(), domain.to_owned()));
        Self {
            propagation: SignedDuration::from_secs(60),
            processing: None,
            throttle: Some(Throttle::new(5, 5)),
            service_zones: service_zones.into(),
        }
    }
}

/// Published zone ids of load balancers and CloudFront (AWS General Reference, Elastic Load Balancing endpoints).
const SERVICE_ZONES: [(&str, &str); 7] = [
    ("Z35SXDOTRQ7X7K", "us-east-1.elb.amazonaws.com."),
    ("Z26RNL4JYFTOTI", "elb.us-east-1.amazonaws.com."),
    ("Z32O12XQLNTSW2", "eu-west-1.elb.amazonaws.com."),
    ("Z2IFOLAFXWLO4F", "elb.eu-west-1.amazonaws.com."),
    ("Z215JYRZR1TBD5", "eu-central-1.elb.amazonaws.com."),
    ("Z3F0SRJ5LGBH90", "elb.eu-central-1.amazonaws.com."),
    ("Z2FDTNDATAQYW2", "cloudfront.net."),
];

/// One account's Route 53.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Route53 {
    /// How it behaves; may be changed at any time.
    pub settings: Settings,
    zones: BTreeMap<String, Zone>,
    changes: BTreeMap<String, ChangeInfo>,
    requests: u64,
}

impl Route53 {
    /// A Route 53 without zones.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Answers one HTTP request as the service does.
    pub fn handle(&mut self, request: &Request<Vec<u8>>, now: Timestamp) -> Response<Vec<u8>> {
        self.requests += 1;
        let admitted = match &mut self.settings.throttle {
            Some(throttle) => throttle.admit(now),
            None => Ok(()),
        };
        let reply = admitted.and_then(|()| self.route(request, now));
        wire::respond(reply, self.requests)
    }

    fn route(&mut self, request: &Request<Vec<u8>>, now: Timestamp) -> Result<String, Refusal> {
        let path = request.uri().path();
        let rest = path.strip_prefix(API_PREFIX).ok_or_else(|| Refusal::unknown_operation(path))?;
        let segments: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
        match (request.method(), segments.as_slice()) {
            (&Method::POST, ["hostedzone", zone, "rrset"]) => {
                self.change_from_wire(zone, request.body(), now)
            }
            (&Method::GET, ["hostedzone", zone, "rrset"]) => {
                listing::record_sets(self.zone(zone)?, request.uri().query())
            }
            (&Method::GET, ["hostedzone", zone]) => listing::hosted_zone(self.zone(zone)?),
            (&Method::GET, ["hostedzone"]) => listing::hosted_zones(&self.zones, request.uri().query()),
            (&Method::GET, ["change", id]) => self.change_info("GetChangeResponse", id, now),
            _ => Err(Refusal::unknown_operation(path)),
        }
    }

    fn change_from_wire(&mut self, zone: &str, body: &[u8], now: Timestamp) -> Result<String, Refusal> {
        self.zone(zone)?;
        let (comment, changes) = wire::read_changes(body)?;
        let id = self.change(zone, &changes, comment, now)?;
        self.change_info("ChangeResourceRecordSetsResponse", &id, now)
    }

    fn change_info(&self, root: &str, id: &str, now: Timestamp) -> Result<String, Refusal> {
        let change = self.changes.get(id).ok_or_else(|| Refusal::no_such_change(id))?;
        wire::write(root, &ChangeInfoReply::new(id, change, now))
    }

    fn zone(&self, id: &str) -> Result<&Zone, Refusal> {
        self.zones.get(id).ok_or_else(|| Refusal::no_such_hosted_zone(id))
    }

    /// Creates a public hosted zone with its NS and SOA records, and returns its id.
    ///
    /// # Errors
    /// When the name is not a domain name.
    pub fn create_hosted_zone(&mut self, name: &str, now: Timestamp) -> Result<String, Refusal> {
        let id = format!("Z{:013}", self.zones.len() + 1);
        self.create_hosted_zone_with_id(&id, name, now)?;
        Ok(id)
    }

    /// Creates a public hosted zone under an id that was written down before; the original chooses one itself.
    ///
    /// # Errors
    /// When the name is not a domain name.
    pub fn create_hosted_zone_with_id(
        &mut self,
        id: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let name = DomainName::parse(name).map_err(Refusal::invalid_domain_name)?;
        self.zones.insert(id.to_owned(), Zone::new(id.to_owned(), name, now));
        Ok(())
    }

    /// The ids of all hosted zones.
    pub fn hosted_zones(&self) -> impl Iterator<Item = &str> {
        self.zones.keys().map(String::as_str)
    }

    /// Applies a batch, all or nothing, as the API or a person in the console does; returns the change's id.
    ///
    /// # Errors
    /// The refusals of ChangeResourceRecordSets; then nothing was changed.
    pub fn change(
        &mut self,
        zone: &str,
        changes: &[Change],
        comment: Option<String>,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        self.refuse_while_processing(self.zone(zone)?, now)?;
        let effects = batch::apply(self, self.zone(zone)?, changes)?;
        let id = format!("C{:014}", self.changes.len() + 1);
        let insync_at = now.saturating_add(self.settings.propagation).unwrap_or(now);
        let zone = self.zones.get_mut(zone).ok_or_else(|| Refusal::no_such_hosted_zone(zone))?;
        zone.accept(effects, now, insync_at);
        self.changes.insert(id.clone(), ChangeInfo { submitted_at: now, insync_at, comment });
        Ok(id)
    }

    fn refuse_while_processing(&self, zone: &Zone, now: Timestamp) -> Result<(), Refusal> {
        match (self.settings.processing, zone.changed_at) {
            (Some(window), Some(last)) if now.duration_since(last) < window => {
                Err(Refusal::prior_request_not_complete())
            }
            _ => Ok(()),
        }
    }

    /// What a resolver learns about a name and type now; only INSYNC data counts.
    pub fn answer(&self, name: &str, kind: &str, now: Timestamp) -> Answer {
        resolver::answer(&self.zones, name, kind, now)
    }

    /// The record sets that the service has accepted for a zone, in its own order; empty when there is no such zone.
    pub fn record_sets(&self, zone: &str) -> impl Iterator<Item = &RecordSet> {
        self.zones.get(zone).into_iter().flat_map(|zone| zone.records.values())
    }

    /// The record sets that a zone's name servers answer from now.
    pub fn published(&self, zone: &str, now: Timestamp) -> Vec<RecordSet> {
        let sets = |zone: &Zone| zone.published_at(now).under("").into_iter().cloned().collect();
        self.zones.get(zone).map(sets).unwrap_or_default()
    }

    /// How many batches were ever accepted.
    pub fn accepted_changes(&self) -> usize {
        self.changes.len()
    }

    /// How many requests were ever made, refused ones included.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Whether an alias may point at `name` through the zone `id`; the error is the original's complaint.
    fn check_alias(
        &self,
        own: &Zone,
        after: &View<'_>,
        set: &RecordSet,
        target: &AliasTarget,
    ) -> Result<(), String> {
        let complaint = |why: &str| {
            let (name, kind, zone) = (&target.dns_name, &set.kind, &target.hosted_zone_id);
            format!("Tried to create an alias that targets {name}, type {kind} in zone {zone}, but {why}")
        };
        let name = DomainName::parse(&target.dns_name)?;
        let domain = match self.settings.service_zones.get(&target.hosted_zone_id) {
            Some(domain) => DomainName::parse(domain)?,
            None => match self.zones.get(&target.hosted_zone_id) {
                Some(zone) => zone.name.clone(),
                None => return Err(complaint("the hosted zone for the alias target is not found")),
            },
        };
        if !name.is_within(&domain) {
            return Err(complaint("the alias target name does not lie within the target zone"));
        }
        if target.hosted_zone_id == own.id && after.get(&name.record_key(&set.kind)).is_none() {
            return Err(complaint("that target was not found"));
        }
        Ok(())
    }
}
