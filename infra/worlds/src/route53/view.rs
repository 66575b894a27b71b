use std::collections::BTreeMap;

use super::record::RecordSet;

/// Record sets by [`DomainName::record_key`](super::DomainName).
pub(super) type RecordSets = BTreeMap<String, RecordSet>;
/// What a batch makes of single sets; `None` removes.
pub(super) type Effects = BTreeMap<String, Option<RecordSet>>;

/// Record sets with effects laid over them.
pub(super) struct View<'a> {
    base: &'a RecordSets,
    pub(super) effects: Effects,
}

impl<'a> View<'a> {
    pub(super) fn of(base: &'a RecordSets) -> Self {
        Self { base, effects: Effects::new() }
    }

    pub(super) fn get(&self, key: &str) -> Option<&RecordSet> {
        self.effects.get(key).map_or_else(|| self.base.get(key), Option::as_ref)
    }

    /// The sets whose key begins with `prefix`, in order.
    pub(super) fn under(&self, prefix: &str) -> Vec<&RecordSet> {
        let base = beginning_with(self.base, prefix).filter(|(key, _)| !self.effects.contains_key(*key));
        let laid_over =
            beginning_with(&self.effects, prefix).filter_map(|(key, set)| Some((key, set.as_ref()?)));
        base.chain(laid_over).collect::<BTreeMap<_, _>>().into_values().collect()
    }
}

fn beginning_with<'a, T>(
    map: &'a BTreeMap<String, T>,
    prefix: &str,
) -> impl Iterator<Item = (&'a String, &'a T)> {
    let prefix = prefix.to_owned();
    map.range(prefix.clone()..).take_while(move |(key, _)| key.starts_with(&prefix))
}
