//! DNS: records in hosted zones.

use super::CallError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most changes that one call may carry: half of Route 53's 1,000 records, for what it counts twice.
pub const BATCH_LIMIT: usize = 500;

/// A set of records of one name and type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordSet {
    /// The full name, lower-case, without the final dot.
    pub name: String,
    /// What it holds.
    pub data: RecordData,
}

/// What a set of records holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RecordData {
    /// An `A` record that is an alias of an AWS name.
    Alias {
        /// The name of the target, without the final dot.
        target: String,
        /// The hosted zone id of the target.
        zone: String,
    },
    /// An `A` record with addresses.
    Address {
        /// The addresses.
        values: Vec<String>,
        /// Seconds.
        ttl: u32,
    },
    /// A `CNAME` record.
    Name {
        /// The target, without the final dot.
        target: String,
        /// Seconds.
        ttl: u32,
    },
    /// A `TXT` record.
    Text {
        /// The texts, without quotes.
        values: Vec<String>,
        /// Seconds.
        ttl: u32,
    },
    /// Any other type: never ours.
    Other {
        /// Its type.
        kind: String,
    },
}

/// A change of one set of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordChange {
    /// Makes it; refused if a set of that name and type exists.
    Create(RecordSet),
    /// Takes it away; refused unless it exists with exactly this data.
    Delete(RecordSet),
}

/// How far a change has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeStatus {
    /// Some servers do not answer with it yet.
    Pending,
    /// All servers answer with it.
    InSync,
}

/// Hosted zones.
#[async_trait::async_trait]
pub trait Dns: Send + Sync {
    /// All sets of records with exactly these names. It costs at most one request for each name, and one for all that a page
    /// of the zone holds.
    ///
    /// # Errors
    /// Any [`CallError`].
    async fn records(&self, zone: &str, names: &BTreeSet<String>) -> Result<Vec<RecordSet>, CallError>;

    /// Makes all changes or none, and answers the id under which their arrival can be asked. At most [`BATCH_LIMIT`].
    ///
    /// # Errors
    /// [`CallError::Conflict`] when a set exists that was to be made, or does not stand exactly as it was to be taken away.
    async fn change(&self, zone: &str, changes: &[RecordChange]) -> Result<String, CallError>;

    /// How far a change has come.
    ///
    /// # Errors
    /// [`CallError::Missing`] when the id is unknown.
    async fn status(&self, change: &str) -> Result<ChangeStatus, CallError>;
}
