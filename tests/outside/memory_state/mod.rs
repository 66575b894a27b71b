//! State in memory, as DynamoDB keeps it: its limits, its lag, and its ways to fail.

mod change;
mod condition;
mod limits;
mod replica;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
pub(crate) use limits::{PARTITION_LIMIT, ROW_LIMIT, SORT_LIMIT};
pub(crate) use replica::Lag;
use replica::Replica;
use roadstead_steps::nouns::CallError;
use roadstead_steps::nouns::state::{
    Change, Condition, Consistency, DUE_AT, Due, Key, Query, Row, State, StateError, Write,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

type Attributes = Map<String, Value>;
type Rows = BTreeMap<Key, Attributes>;
/// A row's key and what is left of it; nothing once it is deleted.
type Changed = (Key, Option<Attributes>);

/// How one call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Fault {
    /// It does not.
    #[default]
    None,
    /// The request is lost.
    FailBefore,
    /// What was asked is done, and the answer is lost.
    LoseReply,
    /// Another commit is writing one of the rows. A read is never busy, so it fails before.
    Busy,
    /// There were too many calls.
    Throttle,
    /// The process ends before the call.
    Dies,
}

/// Decides, by the name of a call (`get`, `query`, `due`, `update`, `commit`), how it fails.
pub(crate) type Faults = Arc<dyn Fn(&str) -> Fault + Send + Sync>;

/// One table in memory.
pub(crate) struct MemoryState {
    faults: Faults,
    table: Mutex<Table>,
}

struct Table {
    rows: Rows,
    eventual: Replica,
    index: Replica,
    calls: BTreeMap<&'static str, usize>,
}

impl Default for MemoryState {
    fn default() -> Self {
        Self::new(Lag::None)
    }
}

impl MemoryState {
    /// An empty table whose eventual reads and index lag so.
    pub(crate) fn new(lag: Lag) -> Self {
        let (rows, calls) = (Rows::new(), BTreeMap::new());
        let table = Table { rows, calls, eventual: Replica::new(lag, 1), index: Replica::new(lag, 2) };
        Self { faults: Arc::new(|_| Fault::None), table: Mutex::new(table) }
    }

    /// The same table, whose calls fail as this decides.
    pub(crate) fn with_faults(self, faults: Faults) -> Self {
        Self { faults, ..self }
    }

    /// Lets all copies catch up.
    pub(crate) fn settle(&self) {
        let mut table = self.table();
        table.eventual.settle();
        table.index.settle();
    }

    /// How many calls were made, by name, those that failed included.
    pub(crate) fn calls(&self) -> BTreeMap<&'static str, usize> {
        self.table().calls.clone()
    }

    /// All rows as they stand.
    pub(crate) fn rows(&self) -> Vec<Row> {
        self.table().rows.iter().map(row).collect()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap()
    }

    /// Whoever dies at a call never hears of it.
    async fn fault(&self, name: &str) -> Fault {
        match (self.faults)(name) {
            Fault::Dies => std::future::pending().await,
            fault => fault,
        }
    }

    async fn read<T>(&self, name: &'static str, read: impl FnOnce(&Table) -> T) -> Result<T, StateError> {
        let fault = self.fault(name).await;
        let mut table = self.table();
        *table.calls.entry(name).or_default() += 1;
        match fault {
            Fault::None => Ok(read(&table)),
            Fault::Throttle => Err(throttled()),
            Fault::FailBefore | Fault::LoseReply | Fault::Busy | Fault::Dies => Err(lost(false)),
        }
    }

    async fn write<T>(
        &self,
        name: &'static str,
        write: impl FnOnce(&mut Table) -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let fault = self.fault(name).await;
        let mut table = self.table();
        *table.calls.entry(name).or_default() += 1;
        match fault {
            Fault::None => write(&mut table),
            Fault::LoseReply => {
                let _ = write(&mut table);
                Err(lost(true))
            }
            Fault::FailBefore | Fault::Dies => Err(lost(false)),
            Fault::Busy => Err(StateError::Busy),
            Fault::Throttle => Err(throttled()),
        }
    }
}

#[async_trait::async_trait]
impl State for MemoryState {
    async fn get(&self, key: &Key, consistency: Consistency) -> Result<Option<Row>, StateError> {
        limits::check_key(key)?;
        self.read("get", |table| table.seen(consistency).get_key_value(key).map(row)).await
    }

    async fn query(&self, query: &Query) -> Result<Vec<Row>, StateError> {
        self.read("query", |table| {
            let rows = table.seen(query.consistency).iter().filter(|(key, _)| is_asked(query, key));
            rows.take(query.limit).map(row).collect()
        })
        .await
    }

    async fn due(&self, shard: u32, at: Timestamp, limit: usize) -> Result<Vec<Due>, StateError> {
        self.read("due", |table| {
            let mut due = table.index.rows().iter().filter_map(due_row).collect::<Vec<_>>();
            due.retain(|row| row.key.due_shard() == shard && row.due_at <= at);
            due.sort_by(|one, other| (one.due_at, &one.key).cmp(&(other.due_at, &other.key)));
            due.truncate(limit);
            due
        })
        .await
    }

    async fn update(&self, key: &Key, changes: &[Change], condition: &Condition) -> Result<Row, StateError> {
        let write = Write::Update(key.clone(), changes.to_vec(), condition.clone());
        self.write("update", |table| {
            table.commit(std::slice::from_ref(&write))?;
            Ok(Row { key: key.clone(), attributes: table.rows.get(key).cloned().unwrap_or_default() })
        })
        .await
    }

    async fn commit(&self, writes: &[Write]) -> Result<(), StateError> {
        self.write("commit", |table| table.commit(writes)).await
    }
}

impl Table {
    fn seen(&self, consistency: Consistency) -> &Rows {
        match consistency {
            Consistency::Strong => &self.rows,
            Consistency::Eventual => self.eventual.rows(),
        }
    }

    fn commit(&mut self, writes: &[Write]) -> Result<(), StateError> {
        limits::check_commit(writes)?;
        for (write, (key, condition)) in writes.iter().map(guard).enumerate() {
            let attributes = self.rows.get(key);
            if !condition::holds(condition, attributes) {
                let row =
                    attributes.map(|attributes| Row { key: key.clone(), attributes: attributes.clone() });
                return Err(StateError::Refused { write, row });
            }
        }
        let changed = writes.iter().map(|write| self.result(write));
        for changed in changed.collect::<Result<Vec<_>, _>>()? {
            self.set(changed);
        }
        Ok(())
    }

    /// What a write leaves of its row.
    fn result(&self, write: &Write) -> Result<Changed, CallError> {
        match write {
            Write::Put(row, _) => Ok((row.key.clone(), Some(change::without_null(&row.attributes)))),
            Write::Update(key, changes, _) => {
                let before = self.rows.get(key).cloned().unwrap_or_default();
                let after = change::apply(before, changes)?;
                limits::check_row(key, &after)?;
                Ok((key.clone(), Some(after)))
            }
            Write::Delete(key, _) => Ok((key.clone(), None)),
        }
    }

    fn set(&mut self, (key, attributes): Changed) {
        self.eventual.write((key.clone(), attributes.clone()));
        self.index.write((key.clone(), attributes.clone()));
        match attributes {
            Some(attributes) => self.rows.insert(key, attributes),
            None => self.rows.remove(&key),
        };
    }
}

fn guard(write: &Write) -> (&Key, &Condition) {
    match write {
        Write::Put(row, condition) => (&row.key, condition),
        Write::Update(key, _, condition) | Write::Delete(key, condition) => (key, condition),
    }
}

fn is_asked(query: &Query, key: &Key) -> bool {
    let after = match &query.after {
        Some(after) => key.sort > *after,
        None => true,
    };
    key.partition == query.partition && key.sort.starts_with(&query.prefix) && after
}

fn row((key, attributes): (&Key, &Attributes)) -> Row {
    Row { key: key.clone(), attributes: attributes.clone() }
}

fn due_row((key, attributes): (&Key, &Attributes)) -> Option<Due> {
    let millisecond = attributes.get(DUE_AT)?.as_i64()?;
    Some(Due { key: key.clone(), due_at: Timestamp::from_millisecond(millisecond).ok()? })
}

fn lost(maybe_done: bool) -> StateError {
    CallError::Unavailable { reason: "the connection was lost".to_owned(), maybe_done }.into()
}

fn throttled() -> StateError {
    CallError::Throttled { reason: "rate exceeded".to_owned(), after: None }.into()
}
