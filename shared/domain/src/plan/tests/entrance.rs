//! How an environment is reached: hosts, paths, certificates and records.

use super::*;

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
