//! Sets of records as Route 53 has them, and back.

use super::broken;
use super::name::plain;
use super::text::{quote, unquote};
use aws_sdk_route53::error::BuildError;
use aws_sdk_route53::types::{AliasTarget, ResourceRecord, ResourceRecordSet, RrType};
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::dns::{RecordData, RecordSet};

/// What we make of a set. Whatever we would write otherwise (a routing policy, an alias that follows the target's health)
/// is [`RecordData::Other`], so that it is never taken for ours.
pub(super) fn read(set: &ResourceRecordSet) -> RecordSet {
    let data = if is_simple(set) { simple(set) } else { None };
    let other = || RecordData::Other { kind: set.r#type.as_str().to_owned() };
    RecordSet { name: plain(&set.name), data: data.unwrap_or_else(other) }
}

fn is_simple(set: &ResourceRecordSet) -> bool {
    set.set_identifier.is_none() && set.health_check_id.is_none()
}

fn simple(set: &ResourceRecordSet) -> Option<RecordData> {
    if let Some(alias) = &set.alias_target {
        let ours = set.r#type == RrType::A && !alias.evaluate_target_health;
        let (target, zone) = (plain(&alias.dns_name), alias.hosted_zone_id.clone());
        return ours.then_some(RecordData::Alias { target, zone });
    }
    let ttl = u32::try_from(set.ttl?).ok()?;
    let values = set.resource_records().iter().map(|record| record.value.as_str());
    match set.r#type {
        RrType::A => Some(RecordData::Address { values: values.map(str::to_owned).collect(), ttl }),
        RrType::Txt => Some(RecordData::Text { values: values.map(unquote).collect(), ttl }),
        RrType::Cname => values.map(plain).next().map(|target| RecordData::Name { target, ttl }),
        _ => None,
    }
}

/// A set as Route 53 takes it.
///
/// # Errors
/// [`CallError::Refused`] for types that are never ours.
pub(super) fn write(set: &RecordSet) -> Result<ResourceRecordSet, CallError> {
    let built = match &set.data {
        RecordData::Alias { target, zone } => alias(&set.name, target, zone),
        RecordData::Address { values, ttl } => records(&set.name, RrType::A, *ttl, values.clone()),
        RecordData::Name { target, ttl } => records(&set.name, RrType::Cname, *ttl, vec![target.clone()]),
        RecordData::Text { values, ttl } => {
            records(&set.name, RrType::Txt, *ttl, values.iter().map(|text| quote(text)).collect())
        }
        RecordData::Other { kind } => {
            return Err(CallError::Refused { reason: format!("records of type {kind} are never written") });
        }
    };
    built.map_err(|error| broken(&error.to_string()))
}

fn alias(name: &str, target: &str, zone: &str) -> Result<ResourceRecordSet, BuildError> {
    let alias =
        AliasTarget::builder().dns_name(target).hosted_zone_id(zone).evaluate_target_health(false).build()?;
    ResourceRecordSet::builder().name(name).r#type(RrType::A).alias_target(alias).build()
}

fn records(name: &str, kind: RrType, ttl: u32, values: Vec<String>) -> Result<ResourceRecordSet, BuildError> {
    let records = values.into_iter().map(|value| ResourceRecord::builder().value(value).build());
    let records = records.collect::<Result<Vec<_>, _>>()?;
    ResourceRecordSet::builder()
        .name(name)
        .r#type(kind)
        .ttl(i64::from(ttl))
        .set_resource_records(Some(records))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(data: RecordData) -> RecordSet {
        RecordSet { name: "pr-42.shop.example.com".into(), data }
    }

    fn alias_set() -> RecordSet {
        let target = "entrance-1.elb.eu-west-1.amazonaws.com".into();
        set(RecordData::Alias { target, zone: "Z32O12XQLNTSW2".into() })
    }

    #[test]
    fn a_set_returns_as_it_was() {
        let values = vec!["installation/shop/pr-42".to_owned(), "a \"b\"".to_owned()];
        let addresses = vec!["192.0.2.1".to_owned(), "192.0.2.2".to_owned()];
        for set in [
            alias_set(),
            set(RecordData::Text { values, ttl: 60 }),
            set(RecordData::Address { values: addresses, ttl: 300 }),
            set(RecordData::Name { target: "example.net".into(), ttl: 0 }),
        ] {
            assert_eq!(read(&write(&set).unwrap()), set);
        }
    }

    #[test]
    fn what_we_would_write_otherwise_is_not_ours() {
        let other = set(RecordData::Other { kind: "A".into() });
        let mut weighted = write(&alias_set()).unwrap();
        weighted.set_identifier = Some("blue".into());
        assert_eq!(read(&weighted), other);
        let mut healthy = write(&alias_set()).unwrap();
        healthy.alias_target.as_mut().unwrap().evaluate_target_health = true;
        assert_eq!(read(&healthy), other);
        let mut negative =
            write(&set(RecordData::Address { values: vec!["192.0.2.1".into()], ttl: 1 })).unwrap();
        negative.ttl = Some(-1);
        assert_eq!(read(&negative), other);
    }

    #[test]
    fn other_types_are_refused() {
        let written = write(&set(RecordData::Other { kind: "MX".into() }));
        assert!(matches!(written, Err(CallError::Refused { .. })));
    }
}
