//! State: one table of rows. Claims and supersession are code above it.

use super::CallError;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The most writes of one commit (DynamoDB: 100 actions in `TransactWriteItems`).
pub const COMMIT_LIMIT: usize = 100;
/// Over how many partitions the index of due rows is spread.
pub const DUE_SHARDS: u32 = 8;
/// The attribute by which a row is due, in milliseconds since the epoch.
pub const DUE_AT: &str = "due_at";
/// The attribute that says from when on nobody needs a row any more, in seconds since the epoch. The table takes it away by
/// itself, some days later (DynamoDB: Time to Live).
pub const KEPT_UNTIL: &str = "kept_until";

/// A row's key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which rows are kept together.
    pub partition: String,
    /// Their order.
    pub sort: String,
}

impl Key {
    /// Joins both parts.
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self { partition: partition.into(), sort: sort.into() }
    }

    /// The shard of the due index that this row is in, from 0 to [`DUE_SHARDS`] less one. Stable for ever (FNV-1a).
    pub fn due_shard(&self) -> u32 {
        let bytes = self.partition.bytes().chain(self.sort.bytes());
        let hash =
            bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        hash % DUE_SHARDS
    }

    /// A number that looks random, the same for the same key and salt (FNV-1a). Its last bits are those of the due shard but
    /// for what is folded into them.
    pub fn hashed(&self, salt: u64) -> u64 {
        let bytes = self.partition.bytes().chain(self.sort.bytes()).chain(salt.to_le_bytes());
        let hash: u64 = bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        hash ^ (hash >> 32)
    }
}

/// A row: a key and named attributes. An attribute that is absent and one that is null are the same. A row that has
/// [`DUE_AT`] is in the due index; the state keeps the shard attribute by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The key.
    pub key: Key,
    /// The attributes.
    pub attributes: Map<String, Value>,
}

/// Whether a read sees all writes that were answered before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    /// It does.
    Strong,
    /// It may lag.
    Eventual,
}

/// A condition on a row as it stands when the write arrives. A path names an attribute, or with dots one within it
/// (`wanted.generation`).
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Always.
    Always,
    /// The row does not exist.
    RowMissing,
    /// The row exists.
    RowExists,
    /// The attribute is absent.
    Missing(String),
    /// The attribute is present.
    Exists(String),
    /// The attribute has exactly this value.
    Equals(String, Value),
    /// The attribute is a number below this one.
    Below(String, i64),
    /// All of these.
    All(Vec<Condition>),
    /// One of these.
    Any(Vec<Condition>),
}

/// A change of one attribute of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Gives a top-level attribute, or one within it, this value.
    Set(String, Value),
    /// Adds to a number; an absent one counts as zero.
    Add(String, i64),
    /// Takes the attribute away.
    Remove(String),
}

/// A write of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Puts the whole row in the place of whatever is there.
    Put(Row, Condition),
    /// Changes attributes; makes the row if it is missing and the condition allows.
    Update(Key, Vec<Change>, Condition),
    /// Takes the row away; taking away one that is missing succeeds if the condition allows.
    Delete(Key, Condition),
}

/// Which rows to read, in the order of their sort keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The partition.
    pub partition: String,
    /// How the sort keys begin.
    pub prefix: String,
    /// Whether the read sees all writes.
    pub consistency: Consistency,
    /// At most so many rows.
    pub limit: usize,
    /// Only rows after this sort key.
    pub after: Option<String>,
}

/// A due row, as the index shows it. The index may lag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The row.
    pub key: Key,
    /// Since when it is due.
    pub due_at: Timestamp,
}

/// Why a read or a write did not succeed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StateError {
    /// A condition did not hold. Nothing was written.
    #[error("the row is not as it was expected to be")]
    Refused {
        /// Which write of the commit was refused (the first, if several).
        write: usize,
        /// The row as it stands; none if it does not exist.
        row: Option<Row>,
    },
    /// Another commit was writing one of the rows. Nothing was written.
    #[error("another write was under way")]
    Busy,
    /// The call failed otherwise; [`CallError::maybe_done`] says whether it may have been written.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// One table of rows.
#[async_trait::async_trait]
pub trait State: Send + Sync {
    /// Reads one row.
    ///
    /// # Errors
    /// [`StateError::Call`] only.
    async fn get(&self, key: &Key, consistency: Consistency) -> Result<Option<Row>, StateError>;

    /// Reads rows of one partition.
    ///
    /// # Errors
    /// [`StateError::Call`] only.
    async fn query(&self, query: &Query) -> Result<Vec<Row>, StateError>;

    /// Reads the keys of rows in one shard that are due at the moment, the longest due first.
    ///
    /// # Errors
    /// [`StateError::Call`] only.
    async fn due(&self, shard: u32, at: Timestamp, limit: usize) -> Result<Vec<Due>, StateError>;

    /// Changes one row and answers it as it stands then.
    ///
    /// # Errors
    /// [`StateError::Refused`] with the row as it stands, or [`StateError::Call`].
    async fn update(&self, key: &Key, changes: &[Change], condition: &Condition) -> Result<Row, StateError>;

    /// Writes all or nothing: between 1 and [`COMMIT_LIMIT`] writes, no two of the same row.
    ///
    /// # Errors
    /// [`StateError::Refused`] names the first write whose condition did not hold.
    async fn commit(&self, writes: &[Write]) -> Result<(), StateError>;
}
