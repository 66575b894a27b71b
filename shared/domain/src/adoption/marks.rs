//! Our marks on an object that we do not write whole, put on and taken off by merge patches (RFC 7396). An apply would have to say
//! all that the object is, and an API server takes none in whose lists a key comes twice, as it may in what others wrote.

use crate::plan::mark::{self, ADOPT_ANNOTATION, MANAGER};
use serde_json::{Map, Value, json};

/// What of an object's metadata holds marks.
const MARKED: [&str; 2] = ["labels", "annotations"];

/// Puts the marks of a manifest on.
pub fn signed(manifest: &Value) -> Value {
    let mut patch = json!({});
    for field in MARKED {
        let marks = held(manifest, field).filter(|(name, _)| mark::is_mark(name));
        let marks: Map<_, _> = marks.map(|(name, value)| (name.clone(), value.clone())).collect();
        patch["metadata"][field] = marks.into();
    }
    patch
}

/// Takes our marks off, and us out of who manages which field, so that whoever applies the object next meets no conflict with us. A
/// person's word that we may take it over goes where nobody wrote it but we, unless it is kept.
pub fn released(existing: &Value, keeps_word: bool) -> Value {
    let mut patch = json!({});
    for field in MARKED {
        for (name, _) in held(existing, field).filter(|(name, value)| mark::is_ours(name, value)) {
            patch["metadata"][field][name.as_str()] = Value::Null;
        }
    }
    let entries = existing["metadata"]["managedFields"].as_array().into_iter().flatten().cloned();
    let (ours, mut others): (Vec<_>, Vec<_>) = entries.partition(|entry| entry["manager"] == MANAGER);
    if keeps_word {
        others.extend(ours.into_iter().take(1).map(of_word));
    } else if ours.iter().any(wrote_word) && !others.iter().any(wrote_word) {
        patch["metadata"]["annotations"][ADOPT_ANNOTATION] = Value::Null;
    }
    // Kubernetes API, "Clearing managedFields": that there are none is said by one that is empty.
    patch["metadata"]["managedFields"] = if others.is_empty() { json!([{}]) } else { json!(others) };
    patch
}

fn held<'a>(object: &'a Value, field: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    object["metadata"][field].as_object().into_iter().flatten()
}

/// Whether who an entry of `managedFields` is of wrote that an environment may take the object over.
fn wrote_word(entry: &Value) -> bool {
    !entry["fieldsV1"]["f:metadata"]["f:annotations"][format!("f:{ADOPT_ANNOTATION}")].is_null()
}

/// An entry of `managedFields`, of that word and of nothing else. An object without any entry would not do: the API server takes what
/// it says for another's, and refuses who applies something else.
fn of_word(mut entry: Value) -> Value {
    let word = format!("f:{ADOPT_ANNOTATION}");
    entry["fieldsV1"] = json!({ "f:metadata": { "f:annotations": { word: {} } } });
    entry
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::mark::{ENVIRONMENT_LABEL, MANAGED_BY_LABEL, MARK_ANNOTATION};

    fn web() -> Value {
        let mut web = json!({ "metadata": { "name": "web", "labels": { "app": "web" }, "annotations": { "note": "x" } } });
        mark::stamp(&mut web, "demo/shop/live", "shop-live-0", 7);
        mark::let_adopt(&mut web, "demo/shop/live");
        web
    }

    /// What a manager owns: its word that the object may be taken over, or something else.
    fn entry(manager: &str, word: bool) -> Value {
        let field = if word { format!("f:{ADOPT_ANNOTATION}") } else { "f:note".to_owned() };
        json!({ "manager": manager, "fieldsV1": { "f:metadata": { "f:annotations": { field: {} } } } })
    }

    #[test]
    fn only_the_marks_of_a_manifest_are_signed_with() {
        let mut manifest = web();
        manifest["spec"] = json!({ "replicas": 2 });
        let mut expected = json!({});
        mark::stamp(&mut expected, "demo/shop/live", "shop-live-0", 7);
        assert_eq!(signed(&manifest), expected);
    }

    #[test]
    fn exactly_our_marks_go_and_our_name() {
        let mut web = web();
        web["metadata"]["managedFields"] =
            json!([entry("roadstead", true), entry("kubectl", true), entry("roadstead", false)]);
        let patch = released(&web, false);
        let gone = json!({ MANAGED_BY_LABEL: null, ENVIRONMENT_LABEL: null });
        assert_eq!(patch["metadata"]["labels"], gone);
        let gone = json!({ MARK_ANNOTATION: null, mark::GENERATION_ANNOTATION: null });
        assert_eq!(patch["metadata"]["annotations"], gone, "and no word of people");
        assert_eq!(patch["metadata"]["managedFields"], json!([entry("kubectl", true)]));
        assert_eq!(patch.as_object().map(Map::len), Some(1), "nothing beside the metadata");

        web["metadata"]["labels"] = json!({ MANAGED_BY_LABEL: "Helm" });
        assert!(
            released(&web, false)["metadata"].get("labels").is_none(),
            "that another manages it is no mark"
        );
    }

    #[test]
    fn a_word_that_only_we_wrote_goes_unless_it_is_kept() {
        for (entries, keeps_word, goes) in [
            (json!([entry("roadstead", true)]), false, true),
            (json!([entry("roadstead", true)]), true, false),
            (json!([entry("roadstead", true), entry("kubectl", false)]), false, true),
            (json!([entry("roadstead", true), entry("kubectl", true)]), false, false),
            (json!([entry("roadstead", false)]), false, false),
            (json!(null), false, false),
        ] {
            let mut web = web();
            web["metadata"]["managedFields"] = entries.clone();
            let annotations = released(&web, keeps_word)["metadata"]["annotations"].clone();
            assert_eq!(annotations.get(ADOPT_ANNOTATION).is_some(), goes, "{entries} {keeps_word}");
        }
    }

    #[test]
    fn where_only_we_managed_fields_nobody_does_or_we_keep_the_word_alone() {
        let mut web = web();
        web["metadata"]["managedFields"] = json!([entry("roadstead", false), entry("roadstead", true)]);
        assert_eq!(released(&web, false)["metadata"]["managedFields"], json!([{}]));
        assert_eq!(released(&web, true)["metadata"]["managedFields"], json!([entry("roadstead", true)]));
    }
}
