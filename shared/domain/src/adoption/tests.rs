use super::*;
use crate::{
    plan::mark::{MANAGED_BY_LABEL, MANAGER, let_adopt, stamp},
    sentence,
};

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "web", "namespace": "live", "uid": "u-1", "resourceVersion": "7", "generation": 3,
            "creationTimestamp": "2026-01-01T00:00:00Z", "managedFields": [{ "manager": "helm" }],
            "labels": { "app": "web" }, "annotations": { "deployment.kubernetes.io/revision": "3" },
        },
        "spec": {
            "replicas": 3, "selector": { "matchLabels": { "app": "web" } },
            "template": { "spec": { "containers": [
                { "name": "web", "image": "web:1", "args": ["--password=a"], "env": [{ "name": "KEY", "value": "hunter1" }] },
                { "name": "side", "image": "side:1" },
            ] } },
        },
        "status": { "replicas": 3 },
    })
}

fn at<'a>(object: &'a mut Value, pointer: &str) -> &'a mut Value {
    object.pointer_mut(pointer).unwrap()
}

fn in_place(existing: &Value, then: &Value) -> Difference {
    Difference::in_place(existing, then, existing)
}

const WEB: &str = "/spec/template/spec/containers/0";

/// Each changed field with both values.
fn changed(difference: &Difference) -> Vec<String> {
    let Change::InPlace(changes) = &difference.change else { panic!("{difference:?}") };
    let told = changes.iter().map(|FieldChange { path, old, new, .. }| {
        let text = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
        format!("{path} {} {}", text(old), text(new))
    });
    told.collect()
}

#[test]
fn what_the_server_and_we_write_is_no_difference() {
    let existing = deployment();
    let mut then = deployment();
    stamp(&mut then, "demo/shop/live", "shop-live-0", 7);
    let_adopt(&mut then, "demo/shop/live");
    for (field, value) in [("resourceVersion", "8"), ("managedFields", "x"), ("generation", "4")] {
        then["metadata"][field] = json!(value);
    }
    then["status"]["replicas"] = json!(9);
    let difference = in_place(&existing, &then);
    assert_eq!(changed(&difference), Vec::<String>::new());
    let mut elsewhere = deployment();
    elsewhere["metadata"]["uid"] = json!("u-2");
    assert_ne!(in_place(&elsewhere, &then).digest, difference.digest, "it is another object");
}

#[test]
fn every_other_field_is_one() {
    let mut then = deployment();
    at(&mut then, WEB)["image"] = json!("web:2");
    at(&mut then, "/spec/template/spec/containers").as_array_mut().unwrap().swap(0, 1);
    then["metadata"]["labels"]["app.kubernetes.io/name"] = json!("web");
    then["spec"]["strategy"] = json!({ "rollingUpdate": {}, "type": "RollingUpdate" });
    let difference = in_place(&deployment(), &then);
    let expected = [
        "metadata.labels[app.kubernetes.io/name] - \"web\"",
        "spec.strategy.rollingUpdate - {}",
        "spec.strategy.type - \"RollingUpdate\"",
        "spec.template.spec.containers[web].image \"web:1\" \"web:2\"",
    ];
    assert_eq!(changed(&difference), expected, "the order of what has names is none");
    then["spec"]["replicas"] = Value::Null;
    then["spec"]["selector"] = json!({});
    let more = in_place(&deployment(), &then);
    assert!(changed(&more).contains(&"spec.replicas 3 -".to_owned()), "{more:?}");
    assert!(
        changed(&more).contains(&"spec.selector.matchLabels.app \"web\" -".to_owned()),
        "what holds nothing is told by what it held: {more:?}"
    );
    assert_ne!(more.digest, difference.digest);
}

/// A difference with secret values in it, from these to these.
fn with_secrets(value: &str, argument: &str) -> Difference {
    let mut then = deployment();
    at(&mut then, WEB)["env"][0]["value"] = json!(value);
    at(&mut then, WEB)["args"][0] = json!(argument);
    in_place(&deployment(), &then)
}

fn told(differences: &[Difference]) -> String {
    sentence::difference("live", "abc", &"shop/live".parse().unwrap(), differences)
}

#[test]
fn what_may_be_secret_is_bound_and_not_shown() {
    let difference = with_secrets("hunter2", "--password=b");
    let text = told(std::slice::from_ref(&difference));
    assert!(text.contains("containers[web].env[KEY].value: a value → another value"), "{text}");
    assert!(text.contains("containers[web].args[0]: a value → another value"), "{text}");
    for secret in ["hunter", "password"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert_ne!(difference.digest, with_secrets("hunter3", "--password=b").digest);
    assert_ne!(difference.digest, with_secrets("hunter2", "--password=c").digest);
}

#[test]
fn headers_of_probes_are_not_shown() {
    let with = |token: &str| {
        let mut object = deployment();
        let headers = json!([{ "name": "Authorization", "value": token }]);
        at(&mut object, WEB)["livenessProbe"] = json!({ "httpGet": { "port": 80, "httpHeaders": headers } });
        object
    };
    let difference = in_place(&with("hunter1"), &with("hunter2"));
    let text = told(std::slice::from_ref(&difference));
    assert!(text.contains("httpHeaders[Authorization].value: a value → another value"), "{text}");
    assert!(!text.contains("hunter"), "{text}");
    assert_ne!(difference.digest, in_place(&with("hunter1"), &with("hunter3")).digest);
}

#[test]
fn that_somebody_else_manages_an_object_is_told_and_bound() {
    let managed = |by: &str| {
        let mut object = deployment();
        object["metadata"]["labels"][MANAGED_BY_LABEL] = json!(by);
        object
    };
    let [helm, flux, ours] = ["Helm", "flux", MANAGER].map(managed);
    let difference = in_place(&helm, &ours);
    let line = "metadata.labels[app.kubernetes.io/managed-by] \"Helm\" \"roadstead\"";
    assert_eq!(changed(&difference), [line]);
    assert_ne!(difference.digest, in_place(&flux, &ours).digest);
    assert_ne!(
        Difference::recreated(&helm, &ours, "spec").digest,
        Difference::recreated(&flux, &ours, "spec").digest
    );
    assert_eq!(
        changed(&in_place(&deployment(), &ours)),
        Vec::<String>::new(),
        "where there is none, it is a mark"
    );
}

#[test]
fn an_agreement_is_to_all_of_it_in_one_place_and_one_incarnation() {
    let namespace = |uid: &str| json!({ "metadata": { "uid": uid } });
    let [one, two] = [with_secrets("a", "b"), with_secrets("c", "d")];
    let both = [one.clone(), two.clone()];
    let agreed = agreement(&namespace("n"), 1, &both);
    assert_eq!(agreed.len(), AGREEMENT_DIGITS);
    assert_eq!(agreed, agreement(&namespace("n"), 1, &[two, one.clone()]), "their order is none");
    for other in [
        agreement(&namespace("m"), 1, &both),
        agreement(&namespace("n"), 2, &both),
        agreement(&namespace("n"), 1, &[one]),
        agreement(&namespace("n"), 1, &[]),
    ] {
        assert_ne!(agreed, other);
    }
}

#[test]
fn the_gravest_is_told_first() {
    let existing = deployment();
    let differences = [
        Difference::made(&json!({ "kind": "NetworkPolicy", "metadata": { "name": "default-deny" } })),
        in_place(&existing, &existing),
        Difference::recreated(&existing, &existing, "spec.selector"),
    ];
    let text = told(&differences);
    let lines: Vec<_> = text.lines().skip(1).collect();
    let expected = [
        "Deployment `web` will be deleted and created again: spec.selector of it cannot be changed.",
        "Deployment `web` stays as it is.",
        "NetworkPolicy `default-deny` will be made.",
    ];
    assert_eq!(lines, expected);
    assert!(text.contains("namespace live roadstead.dev/adopt-difference=abc`"), "{text}");
}

fn many(count: usize, length: usize) -> Vec<Difference> {
    let named = |number: usize| json!({ "kind": "K", "metadata": { "name": format!("{number:0length$}") } });
    (0..count).map(|number| Difference::made(&named(number))).collect()
}

#[test]
fn so_many_lines_are_told_and_no_more() {
    let (all, cut) =
        (told(&many(sentence::DIFFERENCE_LINES, 3)), told(&many(sentence::DIFFERENCE_LINES + 1, 3)));
    assert!(
        !all.contains("more changes")
            && cut.ends_with("\n… and 1 more, not listed. Agreeing covers them as well."),
        "{cut}"
    );
}

#[test]
fn so_many_characters_are_told_and_no_more() {
    let length = sentence::DIFFERENCE_LIMIT - "K `` will be made.\n".chars().count();
    assert!(!told(&many(1, length)).contains("more changes"));
    assert!(
        told(&many(1, length + 1)).ends_with(":\n… and 1 more, not listed. Agreeing covers them as well.")
    );
    let mut then = deployment();
    at(&mut then, WEB)["image"] = json!("`\n@".repeat(200));
    let text = told(&[in_place(&deployment(), &then)]);
    let line = text.lines().last().unwrap();
    assert!(line.ends_with('…') && line.chars().count() < 500, "{line}");
}

#[test]
fn a_container_that_would_stay_beside_ours_is_told_and_bound() {
    let (existing, mut manifest) = (deployment(), deployment());
    at(&mut manifest, "/spec/template/spec/containers").as_array_mut().unwrap().pop();
    let difference = Difference::in_place(&existing, &existing, &manifest);
    assert_eq!(difference.beside, ["side"]);
    assert_ne!(difference.digest, in_place(&existing, &existing).digest);
    assert!(told(&[difference]).contains("the container `side` stays beside"));
}
