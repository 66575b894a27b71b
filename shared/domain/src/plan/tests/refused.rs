//! What is refused, and what it is told.

use super::*;

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
