//! The mark: how everything outside tells whose it is, and of which generation.

use crate::name::{EnvironmentId, EnvironmentName, InstallationName};
use serde_json::{Value, json};

/// The label that every object of ours carries, with [`MANAGER`] as its value.
pub const MANAGED_BY_LABEL: &str = "app.kubernetes.io/managed-by";
/// Who manages our objects; also the field manager of our applies.
pub const MANAGER: &str = "roadstead";
/// The label by which everything of an environment is listed; its value is the outside name.
pub const ENVIRONMENT_LABEL: &str = "roadstead.dev/environment";
/// The annotation that holds `installation/application/name`.
pub const MARK_ANNOTATION: &str = "roadstead.dev/mark";
/// The annotation that holds the generation; the cluster's admission policy compares it.
pub const GENERATION_ANNOTATION: &str = "roadstead.dev/generation";
/// The annotation of a namespace that holds the environment's incarnation. It comes with the whole manifest: a namespace that was
/// there before us has it once it was taken over, and not before people agreed to that.
pub const INCARNATION_ANNOTATION: &str = "roadstead.dev/incarnation";
/// The annotation by which a person lets an environment take over what it did not make; its value is the environment's mark.
pub const ADOPT_ANNOTATION: &str = "roadstead.dev/adopt";
/// The annotation of a namespace by which a person agrees to what taking over changes; its value is what it was shown under.
pub const AGREED_ANNOTATION: &str = "roadstead.dev/adopt-difference";
/// What every DNS mark begins with.
const DNS_PREFIX: &str = "roadstead=";

/// The mark of an object, if it carries one of ours.
pub fn mark_of(object: &Value) -> Option<&str> {
    annotation(object, MARK_ANNOTATION)
}

/// Whose an object is, for an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The environment's own: it may be changed and deleted.
    Ours,
    /// The environment's, and people let it be taken over: it is given back, and not deleted.
    Lent,
    /// Nobody's of ours, and people let the environment take it over.
    Adoptable,
    /// Somebody else's: it stays as it is.
    Foreign,
}

impl Owner {
    /// Whether the environment may change it.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Ours | Self::Lent)
    }
}

/// Whose an object is, for the environment of a mark.
pub fn owner(object: &Value, mark: &str) -> Owner {
    let annotated = adopter_of(object) == Some(mark);
    match mark_of(object) {
        Some(there) if there == mark && annotated => Owner::Lent,
        Some(there) if there == mark => Owner::Ours,
        None if annotated => Owner::Adoptable,
        _ => Owner::Foreign,
    }
}

/// The generation that an object was written for, if it says one.
pub fn generation_of(object: &Value) -> Option<u64> {
    annotation(object, GENERATION_ANNOTATION)?.parse().ok()
}

/// The mark of the environment that may take an object over, if a person said so.
pub fn adopter_of(object: &Value) -> Option<&str> {
    annotation(object, ADOPT_ANNOTATION)
}

/// The incarnation that a namespace was written whole for, if it says one.
pub fn incarnation_of(namespace: &Value) -> Option<u64> {
    annotation(namespace, INCARNATION_ANNOTATION)?.parse().ok()
}

/// Takes the incarnation off a namespace that is not written whole.
pub fn leave_incarnation(namespace: &mut Value) {
    let metadata = namespace.get_mut("metadata");
    let held = metadata.and_then(|metadata| metadata.get_mut("annotations")?.as_object_mut());
    if let Some(held) = held {
        held.remove(INCARNATION_ANNOTATION);
    }
}

/// What a person agreed to for a namespace.
pub fn agreed_of(namespace: &Value) -> Option<&str> {
    annotation(namespace, AGREED_ANNOTATION)
}

/// Writes a person's word that an environment may take an object over, where it is lost or the object is made anew.
pub fn let_adopt(object: &mut Value, mark: &str) {
    *within(within(within(object, "metadata"), "annotations"), ADOPT_ANNOTATION) = json!(mark);
}

/// Labels and annotations that only we write.
const MARKS: [&str; 5] =
    [MANAGED_BY_LABEL, ENVIRONMENT_LABEL, MARK_ANNOTATION, GENERATION_ANNOTATION, INCARNATION_ANNOTATION];

/// Whether a label or an annotation is a mark of ours. What people wrote of adoption is none.
pub fn is_mark(name: &str) -> bool {
    MARKS.contains(&name)
}

/// Whether a label or an annotation of this value is a mark of ours. That somebody else manages an object is none.
pub fn is_ours(name: &str, value: &Value) -> bool {
    is_mark(name) && (name != MANAGED_BY_LABEL || *value == MANAGER)
}

/// Takes our marks off.
pub fn wipe(object: &mut Value) {
    for field in ["labels", "annotations"] {
        let held = object.get_mut("metadata").and_then(|metadata| metadata.get_mut(field)?.as_object_mut());
        if let Some(held) = held {
            held.retain(|name, value| !is_ours(name, value));
        }
    }
}

fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get("metadata")?.get("annotations")?.get(name)?.as_str()
}

/// Writes the mark onto an object, beside the labels and annotations that it has.
pub fn stamp(object: &mut Value, mark: &str, outside_name: &str, generation: u64) {
    let metadata = within(object, "metadata");
    let labels = within(metadata, "labels");
    *within(labels, MANAGED_BY_LABEL) = json!(MANAGER);
    *within(labels, ENVIRONMENT_LABEL) = json!(outside_name);
    *within(within(metadata, "annotations"), MARK_ANNOTATION) = json!(mark);
    raise(object, generation);
}

/// Writes the generation alone.
pub fn raise(object: &mut Value, generation: u64) {
    *within(within(within(object, "metadata"), "annotations"), GENERATION_ANNOTATION) =
        json!(generation.to_string());
}

/// A field, made when it is missing.
fn within<'a>(value: &'a mut Value, field: &str) -> &'a mut Value {
    if !value.is_object() {
        *value = json!({});
    }
    &mut value[field]
}

/// The mark in DNS, as the text of a TXT record beside the name: `roadstead=installation/application/name
/// generation=7`.
pub fn dns_mark(mark: &str, generation: u64) -> String {
    format!("{DNS_PREFIX}{mark} generation={generation}")
}

/// Reads what [`dns_mark`] wrote, and nothing else: the mark and the generation.
pub fn parse_dns_mark(text: &str) -> Option<(&str, u64)> {
    let (mark, generation) = text.strip_prefix(DNS_PREFIX)?.split_once(" generation=")?;
    let generation = generation.parse().ok()?;
    let three_names = mark.split('/').filter(|name| name.parse::<EnvironmentName>().is_ok()).count() == 3;
    (three_names && dns_mark(mark, generation) == text).then_some((mark, generation))
}

/// The mark of a deployment or a check run at a Git host, by which it is found again:
/// `installation/application/name#7`.
pub fn shown_mark(mark: &str, generation: u64) -> String {
    format!("{mark}#{generation}")
}

/// Reads what [`shown_mark`] wrote, and nothing else: the installation, the environment and the generation.
pub fn parse_shown_mark(text: &str) -> Option<(InstallationName, EnvironmentId, u64)> {
    let (mark, generation) = text.split_once('#')?;
    let (installation, environment) = mark.split_once('/')?;
    let installation: InstallationName = installation.parse().ok()?;
    let environment: EnvironmentId = environment.parse().ok()?;
    let generation = generation.parse().ok()?;
    let as_written = shown_mark(&environment.mark(&installation), generation) == text;
    as_written.then_some((installation, environment, generation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamped_object_tells_whose_it_is() {
        let mut object = json!({"kind": "Service", "metadata": {"name": "web", "labels": {"a": "b"}}});
        stamp(&mut object, "demo/shop/pr-1", "shop-pr-1-0", 7);
        assert_eq!((mark_of(&object), generation_of(&object)), (Some("demo/shop/pr-1"), Some(7)));
        let labels = json!({"a": "b", MANAGED_BY_LABEL: MANAGER, ENVIRONMENT_LABEL: "shop-pr-1-0"});
        assert_eq!(object["metadata"]["labels"], labels);
        stamp(&mut object, "demo/shop/pr-1", "shop-pr-1-0", 8);
        assert_eq!(generation_of(&object), Some(8));
    }

    #[test]
    fn a_wiped_object_is_its_owners() {
        let mut object = json!({"kind": "Service", "metadata": {"name": "web", "labels": {"a": "b"}}});
        let_adopt(&mut object, "demo/shop/pr-1");
        let before = object.clone();
        stamp(&mut object, "demo/shop/pr-1", "shop-pr-1-0", 7);
        assert_eq!(adopter_of(&object), Some("demo/shop/pr-1"));
        wipe(&mut object);
        assert_eq!(object, before);
        wipe(&mut json!({"metadata": {"labels": null}}));
        let helms = json!({"metadata": {"labels": {MANAGED_BY_LABEL: "Helm"}}});
        let mut wiped = helms.clone();
        wipe(&mut wiped);
        assert_eq!(wiped, helms);
    }

    #[test]
    fn whose_an_object_is_its_mark_and_a_persons_word_say() {
        const OURS: &str = "demo/shop/pr-1";
        const OTHER: &str = "demo/shop/pr-2";
        for (mark, adopter, owner) in [
            (Some(OURS), None, Owner::Ours),
            (Some(OURS), Some(OTHER), Owner::Ours),
            (Some(OURS), Some(OURS), Owner::Lent),
            (None, Some(OURS), Owner::Adoptable),
            (None, Some(OTHER), Owner::Foreign),
            (None, None, Owner::Foreign),
            (Some(OTHER), Some(OURS), Owner::Foreign),
        ] {
            let annotations = json!({ MARK_ANNOTATION: mark, ADOPT_ANNOTATION: adopter });
            let object = json!({ "metadata": { "annotations": annotations } });
            assert_eq!(super::owner(&object, OURS), owner, "{mark:?} {adopter:?}");
        }
    }

    #[test]
    fn what_carries_no_mark_of_ours_has_none() {
        for annotations in [json!(null), json!({}), json!({MARK_ANNOTATION: 1}), json!("x")] {
            let object = json!({"metadata": {"annotations": annotations}});
            assert_eq!((mark_of(&object), generation_of(&object)), (None, None));
        }
        let object = json!({"metadata": {"annotations": {GENERATION_ANNOTATION: "-1"}}});
        assert_eq!(generation_of(&object), None);
    }

    #[test]
    fn a_dns_mark_is_read_back_and_nothing_else_is() {
        let text = dns_mark("demo/shop/pr-1", u64::MAX);
        assert_eq!(parse_dns_mark(&text), Some(("demo/shop/pr-1", u64::MAX)));
        for text in [
            "",
            "v=spf1 -all",
            "roadstead=demo/shop generation=1",
            "roadstead=demo/shop/pr-1",
            "roadstead=demo/shop/pr-1 generation=",
            "roadstead=demo/shop/pr-1 generation=+1",
            "roadstead=demo/shop/pr-1 generation=01",
            "roadstead=demo/shop/pr-1/x generation=1",
            "roadstead=demo//pr-1 generation=1",
            "roadstead=demo/shop/pr-1 generation=1 ",
        ] {
            assert_eq!(parse_dns_mark(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_shown_mark_is_read_back_and_nothing_else_is() {
        let (installation, environment) =
            ("demo".parse().unwrap(), "shop/pr-1".parse::<EnvironmentId>().unwrap());
        let text = shown_mark(&environment.mark(&installation), u64::MAX);
        assert_eq!(parse_shown_mark(&text), Some((installation, environment, u64::MAX)));
        for text in [
            "",
            "demo/shop/pr-1",
            "demo/shop/pr-1#",
            "demo/shop/pr-1#+1",
            "demo/shop/pr-1#01",
            "demo/shop/pr-1#1 ",
            "demo/shop/pr-1#x#1",
            "demo/shop/pr-1/x#1",
            "demo//pr-1#1",
            "/shop/pr-1#1",
            "shop/pr-1#1",
            "demo#1",
            "demo/../x#1",
        ] {
            assert_eq!(parse_shown_mark(text), None, "{text:?}");
        }
    }
}
