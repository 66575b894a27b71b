use super::{
    mark::{ENVIRONMENT_LABEL, generation_of, mark_of},
    rules::{KINDS, rendered_kind},
    *,
};
use crate::{
    image::Digest,
    intent::{Chosen, Evidence, Origin},
    refusal::Class,
};
use serde_json::json;
use std::collections::BTreeSet;

mod entrance;
mod guards;
mod refused;
mod sample;

use sample::{Sample, WEB, WORKER, digest, find, names, objects};

#[test]
fn a_preview_is_planned_in_order() {
    let plan = Sample::preview().plan().unwrap();
    assert_eq!(
        (plan.parts[0].cluster.as_str(), plan.parts[0].guards[0]["metadata"]["name"].as_str()),
        ("local", Some(&*plan.namespace))
    );
    assert_eq!(
        names(&plan.parts[0].guards)[1..],
        [
            "RoleBinding roadstead-environment",
            "ResourceQuota environment",
            "LimitRange environment",
            "NetworkPolicy default-deny",
            "NetworkPolicy allow-within",
            "NetworkPolicy allow-entrance",
            "NetworkPolicy allow-name-lookup",
            "NetworkPolicy allow-outside",
            "ServiceAccount workload",
        ]
    );
    let claim = plan.parts[0].manifests[0]["metadata"]["name"].as_str().unwrap();
    assert!(claim.starts_with("worker-scratch-"));
    assert_eq!(
        names(&plan.parts[0].manifests)[1..],
        ["Deployment web", "Deployment worker", "Service web", "Ingress web"]
    );
}

#[test]
fn the_same_inputs_give_the_same_plan() {
    let text = |sample: Sample| serde_json::to_string(&sample.plan().unwrap()).unwrap();
    assert_eq!(text(Sample::preview()), text(Sample::preview()));
    let plan: Plan = serde_json::from_str(&text(Sample::staging())).unwrap();
    assert_eq!(plan, Sample::staging().plan().unwrap());
}

#[test]
fn everything_is_marked_of_a_known_kind_and_in_the_inventory() {
    for sample in [Sample::preview(), Sample::staging()] {
        let plan = sample.plan().unwrap();
        let mark = format!("demo/{}", sample.environment);
        for object in objects(&plan) {
            let (version, kind) = (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap());
            let rendered = rendered_kind(version, kind).unwrap();
            assert_eq!((mark_of(object), generation_of(object)), (Some(&*mark), Some(7)), "{kind}");
            assert_eq!(object["metadata"]["labels"][ENVIRONMENT_LABEL], plan.namespace, "{kind}");
            let namespace = rendered.namespaced.then_some(plan.namespace.as_str());
            assert_eq!(object["metadata"]["namespace"].as_str(), namespace, "{kind}");
            let name = object["metadata"]["name"].as_str().unwrap();
            let known = plan.inventory.objects.iter().any(|item| item.kind == kind && item.name == name);
            assert!(known == rendered.namespaced, "{kind} {name}");
        }
        let clusters: BTreeSet<_> = plan.parts.iter().map(|part| part.cluster.clone()).collect();
        let namespaces: BTreeSet<_> =
            plan.inventory.namespaces.iter().map(|item| (&item.cluster, &item.name)).collect();
        assert_eq!(namespaces, clusters.iter().map(|cluster| (cluster, &plan.namespace)).collect());
        assert_eq!(plan.inventory.objects.len() + clusters.len(), objects(&plan).count());
        assert_eq!(plan.inventory.clusters, clusters);
    }
}

#[test]
fn kinds_are_planned_in_the_order_of_the_table() {
    let plan = Sample::preview().plan().unwrap();
    let place = |object: &Value| KINDS.iter().position(|kind| object["kind"] == kind.kind).unwrap();
    let places: Vec<usize> = objects(&plan).map(place).collect();
    assert!(places.is_sorted(), "{places:?}");
    let all: BTreeSet<usize> = places.into_iter().collect();
    assert_eq!(all.len(), KINDS.len(), "a kind of the table is never rendered");
}

#[test]
fn pods_do_not_roll_for_a_new_generation() {
    let templates = |generation| {
        let plan = Sample { generation, ..Sample::preview() }.plan().unwrap();
        let web = find(&plan, "Deployment", "web")["spec"].clone();
        let worker = find(&plan, "Deployment", "worker")["spec"].clone();
        (web, worker)
    };
    assert_eq!(templates(7), templates(8));
}

#[test]
fn a_workload_runs_its_digest_and_cannot_reach_for_more() {
    let plan = Sample::preview().plan().unwrap();
    let deployment = find(&plan, "Deployment", "web");
    let pod = &deployment["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let image = format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web@{}", digest("1"));
    assert_eq!(container["image"], image);
    assert_eq!(deployment["spec"]["replicas"], Value::Null);
    assert_eq!(deployment["spec"]["progressDeadlineSeconds"], 600);
    assert_eq!(deployment["spec"]["strategy"], Value::Null);
    assert_eq!(deployment["spec"]["selector"]["matchLabels"], json!({"app.kubernetes.io/name": "web"}));
    assert_eq!(
        deployment["spec"]["template"]["metadata"]["labels"],
        json!({
            "app.kubernetes.io/managed-by": "roadstead",
            "app.kubernetes.io/name": "web",
            "roadstead.dev/environment": plan.namespace,
        })
    );
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(pod["serviceAccountName"], "workload");
    assert_eq!(pod["securityContext"], json!({"seccompProfile": {"type": "RuntimeDefault"}}));
    assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false);
    assert_eq!(container["securityContext"]["capabilities"]["drop"], json!(["ALL"]));
    assert_eq!(
        container["readinessProbe"],
        json!({"httpGet": {"scheme": "HTTP", "path": "/healthz", "port": 8080}})
    );
    assert_eq!(container["ports"], json!([{"containerPort": 8080, "protocol": "TCP"}]));
    assert_eq!(
        container["resources"],
        json!({"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}})
    );
    assert_eq!(
        container["env"],
        json!([
            {"name": "ADDRESS", "value": "0.0.0.0:8080"},
            {"name": "PUBLIC_HOST", "value": plan.parts[0].hosts[0]},
            {"name": "SERVICE", "value": "web"},
        ])
    );
}

#[test]
fn storage_is_claimed_and_mounted() {
    let plan = Sample::preview().plan().unwrap();
    let claim = &plan.parts[0].manifests[0];
    assert_eq!(
        claim["spec"],
        json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}})
    );
    let name = &claim["metadata"]["name"];
    let deployment = find(&plan, "Deployment", "worker");
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(pod["volumes"], json!([{"name": name, "persistentVolumeClaim": {"claimName": name}}]));
    assert_eq!(pod["containers"][0]["volumeMounts"], json!([{"name": name, "mountPath": "/var/lib/worker"}]));
    assert_eq!(pod["securityContext"]["fsGroup"], 1000);
    assert_eq!(deployment["spec"]["strategy"], json!({"type": "Recreate"}));
    let probe = json!({"exec": {"command": ["/usr/local/bin/worker", "--check"]}});
    assert_eq!(pod["containers"][0]["livenessProbe"], probe);
    assert_eq!(pod["containers"][0]["args"], json!(["--queue", "orders"]));
    let source = "source: ${resources.scratch}";
    let narrowed = format!("{source}\n        path: orders\n        readOnly: true");
    let plan = Sample::with_worker(source, &narrowed).plan().unwrap();
    let mounts =
        &find(&plan, "Deployment", "worker")["spec"]["template"]["spec"]["containers"][0]["volumeMounts"];
    assert_eq!((&mounts[0]["subPath"], &mounts[0]["readOnly"]), (&json!("orders"), &json!(true)));
}

#[test]
fn texts_reach_the_container_as_they_are() {
    let plan = Sample::with_worker("--queue, orders", "$(HOME), $$, '${metadata.name}'").plan().unwrap();
    let args = &find(&plan, "Deployment", "worker")["spec"]["template"]["spec"]["containers"][0]["args"];
    assert_eq!(*args, json!(["$$(HOME)", "$$$$", "$${metadata.name}"]));
    let plan = Sample::with_web("0.0.0.0:8080", "$${x} $$ $(HOME)").plan().unwrap();
    let env = &find(&plan, "Deployment", "web")["spec"]["template"]["spec"]["containers"][0]["env"];
    assert_eq!(env[0]["value"], "$${x} $$ $$(HOME)");
}

#[test]
fn an_object_has_at_most_512_kilobytes() {
    // Placeholders stand for more than they take in the file, which has a limit of its own.
    let of = |filling: usize| {
        let placeholders = "${metadata.x}".repeat(filling / 256);
        let rest = "y".repeat(filling % 256);
        let to = format!("SERVICE: '{placeholders}{rest}'");
        let web = WEB.replace("SERVICE: ${metadata.name}", &to);
        let web = web.replace("  name: web\n", &format!("  name: web\n  x: {}\n", "z".repeat(256)));
        Sample { web, ..Sample::preview() }.plan()
    };
    let plan = of(0).unwrap();
    let room = OBJECT_LIMIT - find(&plan, "Deployment", "web").to_string().len();
    assert_eq!(find(&of(room).unwrap(), "Deployment", "web").to_string().len(), OBJECT_LIMIT);
    assert!(of(room + 1).unwrap_err().text.contains("Deployment"));
}

#[test]
fn a_named_namespace_is_all_that_differs() {
    let (named, own) = (Sample::in_namespace("shop-live").plan().unwrap(), Sample::staging().plan().unwrap());
    assert_eq!(named.namespace, "shop-live");
    assert!(named.inventory.namespaces.iter().all(|item| item.name == "shop-live"));
    let renamed = serde_json::to_string(&named.parts).unwrap().replace("shop-live", &own.namespace);
    assert_eq!(renamed, serde_json::to_string(&own.parts).unwrap());
}
