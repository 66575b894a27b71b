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

const PLATFORM: &str = include_str!("../../../../infra/local/sample/platform.yaml");
const WEB: &str = include_str!("../../../../infra/local/sample/web/score.yaml");
const WORKER: &str = include_str!("../../../../infra/local/sample/worker/score.yaml");

/// The sample, to be changed before it is planned.
struct Sample {
    platform: String,
    web: String,
    worker: String,
    environment: &'static str,
    kind: &'static str,
    generation: u64,
}

impl Sample {
    fn preview() -> Self {
        let (platform, web, worker) = (PLATFORM.to_owned(), WEB.to_owned(), WORKER.to_owned());
        Self { platform, web, worker, environment: "shop/pr-42", kind: "preview", generation: 7 }
    }

    fn staging() -> Self {
        Self { environment: "shop/staging", kind: "staging", ..Self::preview() }
    }

    fn with_web(from: &str, to: &str) -> Self {
        assert!(WEB.contains(from), "{from:?}");
        Self { web: WEB.replace(from, to), ..Self::preview() }
    }

    fn with_worker(from: &str, to: &str) -> Self {
        assert!(WORKER.contains(from), "{from:?}");
        Self { worker: WORKER.replace(from, to), ..Self::preview() }
    }

    fn with_platform(from: &str, to: &str) -> Self {
        assert!(PLATFORM.contains(from), "{from:?}");
        Self { platform: PLATFORM.replacen(from, to, 1), ..Self::preview() }
    }

    fn in_namespace(namespace: &str) -> Self {
        let following = format!("branch: main, namespace: {namespace} }}");
        Self { platform: PLATFORM.replacen("branch: main }", &following, 1), ..Self::staging() }
    }

    fn plan(&self) -> Result<Plan, Refusal> {
        self.plan_with(&|_, _| {})
    }

    fn plan_with(
        &self,
        change: &dyn Fn(&mut Revisions, &mut BTreeMap<WorkloadName, ScoreFile>),
    ) -> Result<Plan, Refusal> {
        let platform = Platform::parse(self.platform.as_bytes()).unwrap().platform;
        let mut revisions = revisions();
        let score = |path: &str, text: &str| ScoreFile::parse(path, text.as_bytes()).unwrap();
        let mut scores = BTreeMap::from([
            ("web".parse().unwrap(), score("web/score.yaml", &self.web)),
            ("worker".parse().unwrap(), score("worker/score.yaml", &self.worker)),
        ]);
        change(&mut revisions, &mut scores);
        plan(&Inputs {
            platform: &platform,
            environment: &self.environment.parse().unwrap(),
            kind: &platform.types[&self.kind.parse().unwrap()],
            generation: self.generation,
            incarnation: 2,
            revisions: &revisions,
            scores: &scores,
        })
    }
}

fn digest(digit: &str) -> Digest {
    format!("sha256:{}", digit.repeat(64)).parse().unwrap()
}

fn revisions() -> Revisions {
    let chosen = |digit| Chosen {
        digest: digest(digit),
        commit: None,
        origin: Origin::Built { evidence: Evidence::Tag },
    };
    let images =
        BTreeMap::from([("web".parse().unwrap(), chosen("1")), ("worker".parse().unwrap(), chosen("2"))]);
    Revisions { commit: "a".repeat(40).parse().unwrap(), images }
}

fn objects(plan: &Plan) -> impl Iterator<Item = &Value> {
    plan.parts.iter().flat_map(|part| part.guards.iter().chain(&part.manifests))
}

fn find<'a>(plan: &'a Plan, kind: &str, name: &str) -> &'a Value {
    objects(plan)
        .find(|object| object["kind"] == kind && object["metadata"]["name"] == name)
        .unwrap_or_else(|| panic!("no {kind} {name}"))
}

fn names(objects: &[Value]) -> Vec<String> {
    let name = |object: &Value| {
        format!("{} {}", object["kind"].as_str().unwrap(), object["metadata"]["name"].as_str().unwrap())
    };
    objects.iter().map(name).collect()
}

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
        let clusters: BTreeSet<_> = plan.parts.iter().map(|part| part.cluster.to_string()).collect();
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
fn the_entrance_leads_to_the_service() {
    let plan = Sample::preview().plan().unwrap();
    let host = format!("{}.preview.localhost", plan.namespace);
    assert_eq!(plan.parts[0].hosts, std::slice::from_ref(&host));
    assert_eq!(plan.url, Some(format!("http://{host}")));
    let service = find(&plan, "Service", "web");
    let port = json!({"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"});
    let spec = json!({"type": "ClusterIP", "selector": {"app.kubernetes.io/name": "web"}, "ports": [port]});
    assert_eq!(service["spec"], spec);
    let backend = json!({"service": {"name": "web", "port": {"number": 80}}});
    let path = json!({"path": "/", "pathType": "Prefix", "backend": backend});
    let rules = json!([{"host": host, "http": {"paths": [path]}}]);
    assert_eq!(find(&plan, "Ingress", "web")["spec"], json!({"ingressClassName": "nginx", "rules": rules}));
    assert!(plan.inventory.records.is_empty(), "a wildcard covers it");
}

#[test]
fn an_environment_without_a_wildcard_has_records() {
    let plan = Sample::staging().plan().unwrap();
    let records: Vec<_> = plan.inventory.records.iter().map(|item| (&*item.zone, &item.name)).collect();
    let host = |domain: &str| format!("{}.{domain}.localhost", plan.namespace);
    assert_eq!(records, [("Z0LOCALEXAMPLE0", &host("example")), ("Z0LOCALSECOND00", &host("second"))]);
}

#[test]
fn each_cluster_has_the_same_objects_and_hosts_of_its_own() {
    let plan = Sample::staging().plan().unwrap();
    let [main, second] = &plan.parts[..] else { panic!("{} parts", plan.parts.len()) };
    assert_eq!((main.cluster.as_str(), second.cluster.as_str()), ("main", "second"));
    assert_eq!(
        (names(&main.guards), names(&main.manifests)),
        (names(&second.guards), names(&second.manifests))
    );
    let host = |part: &Part| {
        let ingress = part.manifests.iter().find(|object| object["kind"] == "Ingress").unwrap();
        ingress["spec"]["rules"][0]["host"].as_str().unwrap().to_owned()
    };
    assert_eq!((vec![host(main)], vec![host(second)]), (main.hosts.clone(), second.hosts.clone()));
    assert_ne!(host(main), host(second));
    assert_eq!(plan.url, Some(format!("http://{}", host(main))), "people are shown the first");
}

#[test]
fn a_certificate_makes_it_https() {
    let arn = "arn:aws:acm:eu-west-1:123456789012:certificate/x";
    for (certificate, annotation) in [("controller", Value::Null), (arn, json!(arn))] {
        let to = format!("names: wildcard\n      certificate: {certificate}");
        let plan = Sample::with_platform("names: wildcard", &to).plan().unwrap();
        let ingress = find(&plan, "Ingress", "web");
        assert_eq!(ingress["spec"]["tls"], json!([{"hosts": plan.parts[0].hosts}]));
        assert_eq!(
            ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/certificate-arn"],
            annotation
        );
        assert_eq!(mark_of(ingress), Some("demo/shop/pr-42"));
        assert!(plan.url.unwrap().starts_with("https://"));
    }
}

#[test]
fn every_host_is_its_own_and_of_the_environment() {
    let more = "resources:\n  admin: { type: dns }\n  both: { type: dns, id: shared }\n  other: { type: dns, id: shared }\n";
    let sample = Sample::with_web("resources:\n  name:", &format!("{more}  name:"));
    let preview = sample.plan().unwrap();
    assert_eq!(preview.parts[0].hosts.len(), 3, "{:?}", preview.parts[0].hosts);
    assert!(preview.parts[0].hosts.contains(&format!("{}.preview.localhost", preview.namespace)));
    let labels = preview.parts[0].hosts.iter().map(|host| host.split('.').next().unwrap());
    assert!(labels.into_iter().all(|label| label.len() <= 63));
    let other = Sample { environment: "shop/pr-43", ..sample }.plan().unwrap();
    assert!(preview.parts[0].hosts.iter().all(|host| !other.parts[0].hosts.contains(host)));
    let first_route = preview.url.unwrap();
    assert_ne!(
        first_route,
        format!("http://{}.preview.localhost", preview.namespace),
        "the route has another host"
    );
}

#[test]
fn without_a_route_the_first_host_is_the_url() {
    let route = WEB.find("  site:").unwrap();
    let sample = Sample { web: WEB[..route].to_owned(), ..Sample::preview() };
    let plan = sample.plan().unwrap();
    assert_eq!(plan.url, Some(format!("http://{}.preview.localhost", plan.namespace)));
    assert!(!names(&plan.parts[0].manifests).contains(&"Ingress web".to_owned()));
}

#[test]
fn a_path_is_one_for_every_controller() {
    let routed = |path: &str| Sample::with_web("path: /\n", &format!("path: '{path}'\n")).plan().is_ok();
    for path in ["/", "/api", "/api/", "/a.b/c-d_e/~f", "/..a"] {
        assert!(routed(path), "{path}");
    }
    for path in
        ["", "x", "//", "/a//b", "/a/../b", "/.", "/a b", "/a;b", "/a{b}", "/a%2fb", "/a?b", "/ä", "/*"]
    {
        assert!(!routed(path), "{path}");
    }
    let long = service::PATH_LIMIT;
    assert!(routed(&format!("/{}", "p".repeat(long - 1))) && !routed(&format!("/{}", "p".repeat(long))));
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

fn refusal(sample: &Sample) -> String {
    let refusal = sample.plan().unwrap_err();
    assert_eq!(refusal.class, Class::Rejected);
    refusal.text
}

#[test]
fn what_is_not_the_environments_is_refused() {
    for (from, to, word) in [
        ("host: ${resources.name.host}", "host: api.prod.example.com", "host"),
        ("host: ${resources.name.host}", "host: x.${resources.name.host}", "host"),
        ("path: /\n", "path: x\n", "path"),
        ("path: /\n", "path: ${metadata.name}\n", "path"),
        (
            "port: 80\n",
            "port: 80\n  twin: { type: route, params: { host: '${resources.name.host}', port: 80 } }\n",
            "another",
        ),
        ("cpu: 50m", "cpu: '3'", "CPU"),
        ("memory: 128Mi", "memory: 5Gi", "memory"),
        ("memory: 64Mi", "memory: 129Mi", "memory"),
        ("memory: 64Mi }\n      limits: { memory: 128Mi }", "memory: 4Gi }", "memory"),
        ("limits: { memory: 128Mi }", "limits: { memory: 128Mi, cpu: 49m }", "CPU"),
    ] {
        let text = refusal(&Sample::with_web(from, to));
        assert!(text.contains(word), "{to}: {text}");
    }
    refusal(&Sample::with_platform("pods: 20", "pods: 1"));
    refusal(&Sample { environment: "other/pr-1", ..Sample::preview() });
    assert!(Sample::with_platform("pods: 20", "pods: 2").plan().is_ok());
    assert!(Sample::with_web("cpu: 50m", "cpu: 1950m").plan().is_ok(), "exactly the quota");
    assert!(Sample::with_web("cpu: 50m", "cpu: 1951m").plan().is_err(), "one more than the quota");
}

#[test]
fn a_workload_without_its_parts_is_refused() {
    let worker: WorkloadName = "worker".parse().unwrap();
    let plan = Sample::preview().plan_with(&|_, scores| drop(scores.remove(&worker)));
    assert!(plan.unwrap_err().text.contains("Score file"));
    let plan = Sample::preview().plan_with(&|revisions, _| drop(revisions.images.remove(&worker)));
    assert!(plan.unwrap_err().text.contains("image"));
}

#[test]
fn the_guards_let_through_what_they_name() {
    let plan = Sample::preview().plan().unwrap();
    let namespace = &plan.parts[0].guards[0]["metadata"];
    assert_eq!(namespace["labels"]["pod-security.kubernetes.io/enforce"], "baseline");
    assert_eq!(namespace["annotations"]["roadstead.dev/incarnation"], "2");
    let binding = find(&plan, "RoleBinding", "roadstead-environment");
    assert_eq!(binding["subjects"][0]["name"], "roadstead");
    assert_eq!(binding["roleRef"]["kind"], "ClusterRole");
    let quota = &find(&plan, "ResourceQuota", "environment")["spec"]["hard"];
    assert_eq!(
        (&quota["requests.cpu"], &quota["requests.memory"], &quota["pods"]),
        (&json!("2"), &json!("4Gi"), &json!("20"))
    );
    assert_eq!(quota["services.loadbalancers"], "0");
    let policy = |name| find(&plan, "NetworkPolicy", name)["spec"].clone();
    assert_eq!(policy("default-deny"), json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}));
    let from =
        json!([{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}]);
    assert_eq!(policy("allow-entrance")["ingress"], json!([{"from": from}]));
    let lookup = policy("allow-name-lookup")["egress"][0]["ports"].clone();
    assert_eq!(lookup, json!([{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]));
    let within = json!([{"podSelector": {}}]);
    assert_eq!(policy("allow-within")["ingress"][0]["from"], within);
    assert_eq!(policy("allow-within")["egress"][0]["to"], within);
    let outside = policy("allow-outside");
    let outside = &outside["egress"][0];
    assert_eq!(outside["to"][0]["ipBlock"]["except"], json!(["169.254.0.0/16"]));
    let all_ports: Vec<_> =
        outside["ports"].as_array().unwrap().iter().map(|port| port["port"].clone()).collect();
    assert_eq!(all_ports, [80, 443]);
    assert_eq!(find(&plan, "ServiceAccount", "workload")["automountServiceAccountToken"], false);
}

#[test]
fn an_entrance_outside_the_cluster_reaches_services_only() {
    let plan = Sample::with_platform("      namespace: ingress-nginx\n", "").plan().unwrap();
    let ingress = &find(&plan, "NetworkPolicy", "allow-entrance")["spec"]["ingress"][0];
    assert_eq!(ingress["ports"], json!([{"protocol": "TCP", "port": 8080}]));
    assert_eq!(ingress["from"][0], json!({"ipBlock": {"cidr": "0.0.0.0/0"}}));
    let sample = Sample::with_platform("      namespace: ingress-nginx\n", "");
    let plan = Sample { web: WORKER.to_owned(), ..sample }.plan().unwrap();
    assert_eq!(find(&plan, "NetworkPolicy", "allow-entrance")["spec"]["ingress"], json!([]));
}

#[test]
fn defaults_stay_within_a_small_quota() {
    let sample =
        Sample::with_platform("quota: { cpu: \"2\", memory: 4Gi", "quota: { cpu: 100m, memory: 256Mi");
    let plan = sample.plan().unwrap();
    let limit = &find(&plan, "LimitRange", "environment")["spec"]["limits"][0];
    assert_eq!(limit["default"], json!({"memory": "256Mi"}));
    assert_eq!(limit["defaultRequest"], json!({"cpu": "50m", "memory": "128Mi"}));
    assert_eq!(limit["max"], json!({"memory": "256Mi"}));
}

#[test]
fn a_named_namespace_is_all_that_differs() {
    let (named, own) = (Sample::in_namespace("shop-live").plan().unwrap(), Sample::staging().plan().unwrap());
    assert_eq!(named.namespace, "shop-live");
    assert!(named.inventory.namespaces.iter().all(|item| item.name == "shop-live"));
    let renamed = serde_json::to_string(&named.parts).unwrap().replace("shop-live", &own.namespace);
    assert_eq!(renamed, serde_json::to_string(&own.parts).unwrap());
}
