//! What surrounds the workloads of an environment: rights, quota, limits, and who may talk to whom.

use super::*;

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
fn guards_and_what_runs_are_of_different_kinds() {
    let plan = Sample::preview().plan().unwrap();
    let part = &plan.parts[0];
    let runs = |object: &Value| rules::MANIFEST_KINDS.iter().any(|kind| object["kind"] == kind.kind);
    assert!(part.manifests.iter().all(runs) && !part.guards.iter().any(runs));
    let told: Vec<_> = [part.namespace().unwrap(), part.own_binding().unwrap()].into();
    assert!(told.into_iter().chain(part.other_guards()).eq(&part.guards), "in the order of the guards");
    assert!(rules::KINDS.ends_with(rules::MANIFEST_KINDS));
    let bare = Part { guards: vec![], ..part.clone() };
    assert_eq!(bare.namespace().unwrap_err().class, Class::Broken);
}
