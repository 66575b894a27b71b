//! The attributes that conditions and changes name are fields of what the row holds: a condition on one that was renamed
//! would hold for ever.

use crate::{
    accept_trigger::{Heard, Watched},
    configuration::InForce,
    step::create_dns::{Asked, Zone},
};
use roadstead_domain::{
    announcement::Announcement, claim::Claim, deployment::Deployment, environment::Environment,
    fact::ToldImage, intent::Wanted, trigger::Trigger,
};
use serde::{
    Deserialize, Deserializer,
    de::{Visitor, value::Error},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

type Fields = &'static [&'static str];

/// Notes the fields that a struct is read from, and reads nothing.
struct Noted<'a>(&'a mut Fields);

impl<'de> Deserializer<'de> for Noted<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("this is no struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: Fields,
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

fn fields_of<T: for<'de> Deserialize<'de>>() -> Fields {
    let mut fields: Fields = &[];
    assert!(T::deserialize(Noted(&mut fields)).is_err() && !fields.is_empty());
    fields
}

/// Which rows each file conditions and changes. Those of a quota and of the text of a configuration hold no struct.
fn rows_of(file: &str) -> Vec<Fields> {
    match file {
        "carry/claim.rs" | "carry/release.rs" | "accept_trigger/raise.rs" | "clock/warning.rs" => {
            vec![fields_of::<Environment>()]
        }
        "carry/settle.rs" => vec![fields_of::<Deployment>(), &["count"]],
        "accept_trigger/begin.rs" => vec![&["count"]],
        "announce/mod.rs" | "accept_trigger/notice.rs" | "carry/owed.rs" => vec![fields_of::<Announcement>()],
        "announce/reply.rs" | "accept_trigger/mod.rs" => vec![fields_of::<Trigger>()],
        "accept_trigger/repository.rs" => vec![fields_of::<Watched>()],
        "accept_trigger/deliveries.rs" => vec![fields_of::<Heard>()],
        "configuration.rs" => vec![fields_of::<InForce>(), fields_of::<Watched>(), fields_of::<Heard>()],
        "step/create_dns/asked.rs" => vec![fields_of::<Asked>()],
        "step/create_dns/holding.rs" => vec![fields_of::<Zone>()],
        "tags/told.rs" => vec![fields_of::<ToldImage>()],
        _ => panic!("which rows does {file} change? Name them here"),
    }
}

/// Whether a path names a field, and one within it.
fn is_known(rows: &[Fields], path: &str) -> bool {
    let (first, within) = path.split_once('.').map_or((path, None), |(first, within)| (first, Some(within)));
    let inner = match first {
        "claim" => fields_of::<Claim>(),
        "wanted" => fields_of::<Wanted>(),
        _ => &[],
    };
    rows.iter().any(|fields| fields.contains(&first)) && within.is_none_or(|within| inner.contains(&within))
}

/// The attributes that a file names.
fn named(text: &str) -> BTreeSet<String> {
    let text: String = text.split("#[cfg(test)]").next().unwrap().split_whitespace().collect();
    let openings = ["Missing", "Exists", "Equals", "Below"].map(|name| format!("Condition::{name}(\""));
    let changes = ["Set", "Add", "Remove"].map(|name| format!("Change::{name}(\""));
    let all = openings.into_iter().chain(changes).chain(["moment(\"".to_owned()]);
    let after = all.flat_map(|opening| text.split(&opening).skip(1).map(str::to_owned).collect::<Vec<_>>());
    after.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

#[test]
fn every_attribute_that_is_named_is_a_field_of_its_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    for path in sources(&root).iter().filter(|path| !path.ends_with("rows/attributes.rs")) {
        let names = named(&std::fs::read_to_string(path).unwrap());
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        found.extend((!names.is_empty()).then_some((file, names)));
    }
    assert!(found["carry/claim.rs"].contains("claim.token") && found.len() > 10, "{found:#?}");
    for (file, names) in &found {
        let rows = rows_of(file);
        let unknown: Vec<_> = names.iter().filter(|name| !is_known(&rows, name)).collect();
        assert!(unknown.is_empty(), "{file} names what no field of its rows is called: {unknown:?}");
    }
}
