use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::name::{DomainName, fatal};

/// The record types of the API's enumeration `RRType`.
pub(super) const TYPES: [&str; 18] = [
    "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP",
    "SVCB", "TLSA", "TXT", "URI",
];
/// The longest time to live, in seconds.
pub(super) const TTL_LIMIT: u32 = 2_147_483_647;
/// The longest character string of a TXT value (RFC 1035, 3.3).
const CHARACTER_STRING_LIMIT: usize = 255;
/// The longest TXT value that Route 53 takes.
const TXT_LIMIT: usize = 4_000;

/// One resource record set with simple routing, in the API's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RecordSet {
    /// The domain name.
    pub name: String,
    /// The record type: `A`, `TXT`, …
    #[serde(rename = "Type")]
    pub kind: String,
    /// Seconds that a resolver may keep it; absent on an alias.
    #[serde(rename = "TTL", default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// The values; absent on an alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_records: Option<ResourceRecords>,
    /// What it stands for, when it has no values of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_target: Option<AliasTarget>,
}

/// The values of a record set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceRecords {
    /// One element per value.
    #[serde(rename = "ResourceRecord", default)]
    pub records: Vec<ResourceRecord>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceRecord {
    /// In the presentation format of the type; a TXT value is quoted.
    #[serde(rename = "Value")]
    pub value: String,
}

/// Where an alias points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AliasTarget {
    /// The zone that the target lies in: one of AWS, or one of the account.
    pub hosted_zone_id: String,
    /// The target's name.
    #[serde(rename = "DNSName")]
    pub dns_name: String,
    /// Whether the target's health decides about the answer.
    pub evaluate_target_health: bool,
}

impl RecordSet {
    /// A set of values.
    pub fn of_values(name: &str, kind: &str, ttl: u32, values: &[&str]) -> Self {
        let records = values.iter().map(|&value| ResourceRecord { value: value.to_owned() }).collect();
        Self {
            name: name.to_owned(),
            kind: kind.to_owned(),
            ttl: Some(ttl),
            resource_records: Some(ResourceRecords { records }),
            alias_target: None,
        }
    }

    /// An alias.
    pub fn of_alias(name: &str, kind: &str, hosted_zone_id: &str, dns_name: &str) -> Self {
        let target = AliasTarget {
            hosted_zone_id: hosted_zone_id.to_owned(),
            dns_name: dns_name.to_owned(),
            evaluate_target_health: false,
        };
        Self {
            name: name.to_owned(),
            kind: kind.to_owned(),
            ttl: None,
            resource_records: None,
            alias_target: Some(target),
        }
    }

    /// The values in the order in which they were given; none for an alias.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.resource_records.iter().flat_map(|all| &all.records).map(|record| record.value.as_str())
    }

    /// Whether a DELETE that shows `other` means this set: same time to live, values in any order, same alias.
    pub(super) fn has_values_of(&self, other: &RecordSet) -> bool {
        let sorted = |set: &RecordSet| set.values().map(str::to_owned).collect::<BTreeSet<_>>();
        self.ttl == other.ttl && sorted(self) == sorted(other) && self.alias_target == other.alias_target
    }

    /// The set with its names as Route 53 stores them.
    pub(super) fn normalised(&self) -> Result<Self, String> {
        let mut set = self.clone();
        set.name = DomainName::parse(&self.name)?.as_str().to_owned();
        if let Some(target) = &mut set.alias_target {
            target.dns_name = DomainName::parse(&target.dns_name)?.as_str().to_owned();
        }
        Ok(set)
    }

    /// Everything that is wrong with the values, in the original's words.
    pub(super) fn complaints(&self) -> Vec<String> {
        let mut complaints: Vec<String> =
            self.values().filter_map(|value| check_value(&self.kind, value).err()).collect();
        let mut seen = BTreeSet::new();
        let twice = self.values().filter(|value| !seen.insert(*value));
        complaints.extend(twice.map(|value| format!("Duplicate Resource Record: '{value}'")));
        if self.kind == "CNAME" && self.values().count() > 1 {
            let problem = "CNAME RRSets must have exactly one record";
            complaints.push(format!("Invalid Resource Record Set: '{problem}'"));
        }
        complaints
    }
}

fn check_value(kind: &str, value: &str) -> Result<(), String> {
    let problem = match kind {
        "A" if value.parse::<Ipv4Addr>().is_err() => {
            fatal("ARRDATAIllegalIPv4Address", "Value is not a valid IPv4 address", value)
        }
        "AAAA" if value.parse::<Ipv6Addr>().is_err() => {
            fatal("AAAARRDATAIllegalIPv6Address", "Value is not a valid IPv6 address", value)
        }
        "CNAME" | "NS" | "PTR" => match DomainName::parse(value) {
            Ok(_) => return Ok(()),
            Err(problem) => problem,
        },
        "TXT" | "SPF" => match check_text(value) {
            Ok(()) => return Ok(()),
            Err(problem) => problem,
        },
        _ => return Ok(()),
    };
    Err(format!("Invalid Resource Record: '{problem}'"))
}

/// A TXT value: one or more character strings, each in quotation marks, apart by spaces (RFC 1035, 5.1).
fn check_text(value: &str) -> Result<(), String> {
    if value.chars().count() > TXT_LIMIT {
        return Err(fatal("TXTRDATATooLong", "Value is too long", value));
    }
    let mut rest = value.trim_start_matches(' ');
    while !rest.is_empty() {
        let (length, after) = character_string(rest).ok_or_else(|| {
            fatal("InvalidCharacterString", "Value should be enclosed in quotation marks", value)
        })?;
        if length > CHARACTER_STRING_LIMIT {
            return Err(fatal("CharacterStringTooLong", "Value is too long", value));
        }
        rest = after.trim_start_matches(' ');
    }
    match value.trim_matches(' ') {
        "" => Err(fatal("InvalidCharacterString", "Value should be enclosed in quotation marks", value)),
        _ => Ok(()),
    }
}

/// The length of the quoted string that `text` begins with, and what follows it.
fn character_string(text: &str) -> Option<(usize, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut length = 0;
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((length, inner.get(at + 1..)?)),
            '\\' if characters.next()?.1.is_ascii_digit() => {
                characters.next()?;
                characters.next()?;
            }
            _ => {}
        }
        length += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_their_type_wants_them() {
        for (kind, value) in [
            ("A", "192.0.2.1"),
            ("AAAA", "2001:db8::1"),
            ("CNAME", "example.com"),
            ("TXT", "\"a\""),
            ("TXT", "\"a \\\"b\\\"\" \"c\\073\""),
            ("MX", "10 mail.example.com"),
        ] {
            assert_eq!(check_value(kind, value), Ok(()), "{kind} {value}");
        }
        for (kind, value, problem) in [
            ("A", "192.0.2", "ARRDATAIllegalIPv4Address"),
            ("AAAA", "192.0.2.1", "AAAARRDATAIllegalIPv6Address"),
            ("CNAME", "a..b", "DomainLabelEmpty"),
            ("TXT", "bare", "InvalidCharacterString"),
            ("TXT", "\"open", "InvalidCharacterString"),
            ("TXT", "", "InvalidCharacterString"),
        ] {
            assert!(check_value(kind, value).unwrap_err().contains(problem), "{kind} {value}");
        }
    }

    #[test]
    fn a_character_string_ends_at_its_limit() {
        let text = |length: usize| format!("\"{}\"", "a".repeat(length));
        assert!(check_value("TXT", &text(CHARACTER_STRING_LIMIT)).is_ok());
        assert!(
            check_value("TXT", &text(CHARACTER_STRING_LIMIT + 1))
                .unwrap_err()
                .contains("CharacterStringTooLong")
        );
    }

    #[test]
    fn a_text_ends_at_its_limit() {
        let text = |length: usize| {
            let strings = format!("\"{}\" ", "a".repeat(197)).repeat(length / 200);
            format!("{strings}{}", " ".repeat(length - strings.len()))
        };
        assert_eq!(check_value("TXT", &text(TXT_LIMIT)), Ok(()));
        assert!(check_value("TXT", &text(TXT_LIMIT + 1)).unwrap_err().contains("TXTRDATATooLong"));
    }

    #[test]
    fn one_value_twice_and_two_canonical_names_are_refused() {
        let twice = RecordSet::of_values("a.b.", "A", 60, &["192.0.2.1", "192.0.2.1"]);
        assert_eq!(twice.complaints(), ["Duplicate Resource Record: '192.0.2.1'"]);
        assert_eq!(RecordSet::of_values("a.b.", "CNAME", 60, &["c.", "d."]).complaints().len(), 1);
    }
}
