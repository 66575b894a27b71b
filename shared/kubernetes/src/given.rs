//! What a cluster is given once, in `infra/cluster`: its shape, and that it covers what is rendered.

use k8s_openapi::api::admissionregistration::v1::{
    ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding,
};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule};
use roadstead_domain::plan::rules::{KINDS, ROLE_BINDING, RenderedKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const RIGHTS: &str = include_str!("../../../infra/cluster/rights.yaml");
const FENCE: &str = include_str!("../../../infra/cluster/fence.yaml");

const WRITTEN: &[&str] = &["create", "delete", "get", "list", "patch"];

/// What is read within an environment and not rendered: how far a rollout is, and what holds it up.
const LISTED: [(&str, &str); 2] = [("", "pods"), ("apps", "replicasets")];

/// Verbs by group and resource.
type Rights = BTreeMap<(String, String), BTreeSet<String>>;

/// The object of a kind and name, with every field known to the API.
fn object<T: DeserializeOwned + Serialize>(yaml: &str, kind: &str, name: &str) -> T {
    let objects: Vec<Value> = serde_saphyr::from_multiple(yaml).unwrap();
    let named = |object: &&Value| object["kind"] == kind && object["metadata"]["name"] == name;
    let object = objects.iter().find(named).unwrap();
    let typed: T = serde_json::from_value(object.clone()).unwrap();
    assert_eq!(&serde_json::to_value(&typed).unwrap(), object, "a field is unknown to the API");
    typed
}

fn role(name: &str) -> ClusterRole {
    object(RIGHTS, "ClusterRole", name)
}

fn rights(rules: &[PolicyRule]) -> Rights {
    let mut rights = Rights::new();
    for rule in rules {
        assert_eq!(rule.non_resource_urls, None);
        for group in rule.api_groups.iter().flatten() {
            for resource in rule.resources.iter().flatten() {
                let verbs = rights.entry((group.clone(), resource.clone())).or_default();
                verbs.extend(rule.verbs.iter().cloned());
            }
        }
    }
    rights
}

fn given(group: &str, resource: &str, verbs: &[&str]) -> ((String, String), BTreeSet<String>) {
    ((group.to_owned(), resource.to_owned()), verbs.iter().map(|&verb| verb.to_owned()).collect())
}

fn written(kind: &RenderedKind) -> ((String, String), BTreeSet<String>) {
    let group = kind.api_version.split_once('/').map_or("", |(group, _)| group);
    given(group, kind.plural, WRITTEN)
}

/// What comes before any right within a namespace can.
fn comes_first(kind: &RenderedKind) -> bool {
    !kind.namespaced || *kind == ROLE_BINDING
}

#[test]
fn within_an_environment_is_given_what_is_rendered_or_read_there_and_nothing_else() {
    let rules = role("roadstead-environment").rules.unwrap();
    assert!(rules.iter().all(|rule| rule.resource_names.is_none()));
    let rendered = KINDS.iter().filter(|kind| !comes_first(kind)).map(written);
    let listed = LISTED.iter().map(|(group, resource)| given(group, resource, &["list"]));
    assert_eq!(rights(&rules), rendered.chain(listed).collect());
}

#[test]
fn everywhere_there_are_namespaces_and_one_role_to_bind() {
    let rules = role("roadstead").rules.unwrap();
    let first = KINDS.iter().filter(|kind| comes_first(kind)).map(written);
    let bind = given("rbac.authorization.k8s.io", "clusterroles", &["bind"]);
    assert_eq!(rights(&rules), first.chain([bind]).collect());
    let bound = rules.iter().find(|rule| rule.verbs == ["bind"]).unwrap();
    assert_eq!(bound.resource_names.as_deref(), Some(&["roadstead-environment".to_owned()][..]));
}

#[test]
fn the_rights_are_given_to_one_user() {
    let binding: ClusterRoleBinding = object(RIGHTS, "ClusterRoleBinding", "roadstead");
    let subjects = binding.subjects.unwrap();
    let subject = match subjects.as_slice() {
        [subject] => subject,
        several => panic!("{several:?}"),
    };
    assert_eq!((subject.kind.as_str(), subject.name.as_str()), ("User", "roadstead"));
    assert_eq!(binding.role_ref.name, "roadstead");
}

#[test]
fn a_fence_refuses_whatever_it_cannot_judge_and_concerns_one_user() {
    for name in ["roadstead-fence", "roadstead-fence-namespaces"] {
        let policy: ValidatingAdmissionPolicy = object(FENCE, "ValidatingAdmissionPolicy", name);
        let spec = policy.spec.unwrap();
        assert_eq!(spec.failure_policy.as_deref(), Some("Fail"));
        let conditions = spec.match_conditions.unwrap();
        assert_eq!(conditions.len(), 1);
        assert_eq!(conditions[0].expression, "request.userInfo.username == 'roadstead'");
        assert!(spec.validations.unwrap().iter().all(|rule| rule.reason.as_deref() == Some("Forbidden")));
        let binding: ValidatingAdmissionPolicyBinding =
            object(FENCE, "ValidatingAdmissionPolicyBinding", name);
        let spec = binding.spec;
        assert_eq!(spec.policy_name, name);
        assert_eq!(spec.validation_actions, ["Deny"]);
        assert_eq!((spec.match_resources, spec.param_ref), (None, None));
    }
}

#[test]
fn a_fence_sees_creations_updates_and_deletions_of_everything() {
    let fences = [
        ("roadstead-fence", "*", "*/*", Some("Namespaced")),
        ("roadstead-fence-namespaces", "", "namespaces", None),
    ];
    for (name, group, resource, scope) in fences {
        let policy: ValidatingAdmissionPolicy = object(FENCE, "ValidatingAdmissionPolicy", name);
        let matched = policy.spec.unwrap().match_constraints.unwrap();
        assert_eq!((matched.exclude_resource_rules, matched.namespace_selector), (None, None));
        let rules = matched.resource_rules.unwrap();
        assert_eq!(rules.len(), 1);
        let has = |list: &Option<Vec<String>>, item: &str| list.iter().flatten().any(|known| known == item);
        assert!(has(&rules[0].api_groups, group) && has(&rules[0].resources, resource), "{name}");
        assert!(["CREATE", "UPDATE", "DELETE"].iter().all(|verb| has(&rules[0].operations, verb)), "{name}");
        assert_eq!(rules[0].scope.as_deref(), scope);
    }
}
