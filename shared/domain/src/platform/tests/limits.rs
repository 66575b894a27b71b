//! How much of everything a platform file may have.

use super::*;
use crate::platform::check::limits::{
    APPLICATION_LIMIT, CLUSTER_LIMIT, DEADLINE_LIMIT, DEADLINE_MINIMUM, DOMAIN_LIMIT, ENVIRONMENT_LIMIT,
    FILE_LIMIT, LIFETIME_MINIMUM, PLATFORM_LIMIT, POD_LIMIT, REGISTRY_LIMIT, RIGHT_LIMIT, STANDING_LIMIT,
    TEMPLATE_COUNT_LIMIT, TYPE_CLUSTER_LIMIT, TYPE_LIMIT, WAIT_LIMIT, WORKLOAD_LIMIT,
};
use crate::platform::problem::{PROBLEM_LIMIT, Problems};
use jiff::SignedDuration;

/// Repeats a piece of the sample, with `#` counted up, until there are `count` of it.
fn repeated(at: &str, piece: &str, count: usize) -> Result<Platform, Vec<Problem>> {
    let pieces: String = (1..count).map(|number| piece.replace('#', &number.to_string())).collect();
    with(at, &format!("{pieces}{at}"))
}

#[test]
fn every_count_has_a_limit() {
    const TYPE: &str = "  t#: { clusters: [local], images: { wait: 0s, otherwise: fail }, deadline: 1m, on_failure: keep, \
        supersede: at-once, limit: 1, quota: { cpu: 1m, memory: 1Mi, pods: 1 } }\n";
    const APPLICATION: &str = "  a#: { repository: { host: github, id: 1, name: a/b }, workloads: { w: { score: s, \
        image: r.io/a# } } }\n";
    const CLUSTER: &str = "  c#: { entrance: { zone: Z, domain: d#.x, target: { name: x, zone: Z }, ingress_class: n, \
        names: wildcard } }\n";
    for (at, piece, limit) in [
        ("  - host: 1234", "  - { host: h#.io, account: \"123456789012\", region: eu }\n", REGISTRY_LIMIT),
        ("  preview:\n", TYPE, TYPE_LIMIT - 1),
        ("  shop:\n", APPLICATION, APPLICATION_LIMIT),
        ("  local:\n", CLUSTER, CLUSTER_LIMIT - 2),
        ("      web:\n", "      w#: { score: s, image: r.io/w# }\n", WORKLOAD_LIMIT - 1),
        ("      staging: { type", "      s#: { type: staging, branch: b# }\n", STANDING_LIMIT),
        (
            "      - who:",
            "      - { who: [{ github_user: # }], verbs: [deploy], types: [staging] }\n",
            RIGHT_LIMIT - 1,
        ),
        ("any_github_user,", "{ github_user: # }, ", RIGHT_LIMIT - 3),
        ("\"sha-{commit}\"", "\"s#-{commit}\", ", TEMPLATE_COUNT_LIMIT - 1),
    ] {
        assert!(repeated(at, piece, limit).is_ok(), "{at}: {:?}", repeated(at, piece, limit).unwrap_err());
        let problems = repeated(at, piece, limit + 1).unwrap_err();
        assert!(problems.len() == 1 && problems[0].text.starts_with("at most"), "{at}: {problems:?}");
    }
}

#[test]
fn every_number_has_a_limit() {
    let seconds = |span: SignedDuration| usize::try_from(span.as_secs()).unwrap();
    let (environments, pods) = (ENVIRONMENT_LIMIT as usize, POD_LIMIT as usize);
    let (shortest, longest) = (seconds(DEADLINE_MINIMUM), seconds(DEADLINE_LIMIT));
    let life = seconds(LIFETIME_MINIMUM);
    for (from, to, fits, does_not, path) in [
        ("limit: 20", "limit: #", environments, environments + 1, "limit"),
        ("limit: 20", "limit: #", 1, 0, "limit"),
        ("pods: 20", "pods: #", pods, pods + 1, "quota.pods"),
        ("wait: 1s", "wait: #s", seconds(WAIT_LIMIT), seconds(WAIT_LIMIT) + 1, "images.wait"),
        ("deadline: 10m", "deadline: #s", longest, longest + 1, "deadline"),
        ("deadline: 10m", "deadline: #s", shortest, shortest - 1, "deadline"),
        ("lifetime: 72h", "lifetime: #s", life, life - 1, "lifetime"),
    ] {
        let to = |number: usize| to.replace('#', &number.to_string());
        assert!(with(from, &to(fits)).is_ok(), "{}", to(fits));
        assert_eq!(problem(from, &to(does_not)), format!("types.preview.{path}"));
    }
}

#[test]
fn a_domain_leaves_room_for_the_names_before_it() {
    let of = |length: usize| {
        let domain = format!("{0}.{0}.{1}", "d".repeat(63), "e".repeat(length - 128));
        with("domain: preview.localhost", &format!("domain: {domain}"))
    };
    assert!(of(DOMAIN_LIMIT).is_ok(), "{:?}", of(DOMAIN_LIMIT).unwrap_err());
    assert_eq!(of(DOMAIN_LIMIT + 1).unwrap_err()[0].path, "clusters.local.entrance.domain");
}

#[test]
fn a_cluster_has_so_many_platforms() {
    let of = |count: usize| {
        let platforms: Vec<String> = (0..count).map(|number| format!("linux/a{number}")).collect();
        with("  local:\n", &format!("  local:\n    platforms: [{}]\n", platforms.join(", ")))
    };
    assert!(of(PLATFORM_LIMIT).is_ok(), "{:?}", of(PLATFORM_LIMIT).unwrap_err());
    let problems = of(PLATFORM_LIMIT + 1).unwrap_err();
    assert!(problems.len() == 1 && problems[0].text.starts_with("at most"), "{problems:?}");
}

#[test]
fn a_type_has_at_most_ten_clusters() {
    let of = |count: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("x{number}")).collect();
        let cluster = |name: &String| {
            format!(
                "  {name}: {{ entrance: {{ zone: Z, domain: {name}.x, target: {{ name: x, zone: Z }}, ingress_class: n, \
                 names: wildcard }} }}\n"
            )
        };
        let clusters: String = names.iter().map(cluster).collect();
        let text = SAMPLE.replacen("  local:\n", &format!("{clusters}  local:\n"), 1);
        Platform::parse(text.replace("[main, second]", &format!("[{}]", names.join(", "))).as_bytes())
    };
    assert!(of(TYPE_CLUSTER_LIMIT).is_ok(), "{:?}", of(TYPE_CLUSTER_LIMIT).unwrap_err());
    let problems = of(TYPE_CLUSTER_LIMIT + 1).unwrap_err();
    assert!(problems.len() == 1 && problems[0].text.starts_with("at most"), "{problems:?}");
}

#[test]
fn a_file_has_at_most_256_kilobytes() {
    let of = |size: usize| {
        let comment = format!("#{}\n", "x".repeat(998));
        let mut text = format!("{SAMPLE}{}", comment.repeat((size - SAMPLE.len()) / 1_000));
        text.push_str(&" ".repeat(size - text.len()));
        Platform::parse(text.as_bytes())
    };
    assert!(of(FILE_LIMIT).is_ok(), "{:?}", of(FILE_LIMIT).unwrap_err());
    assert!(of(FILE_LIMIT + 1).is_err());
}

#[test]
fn so_many_problems_are_told_and_then_how_many_more_there_are() {
    let of = |count: usize| {
        let mut problems = Problems::of("platform.yaml");
        (0..count).for_each(|number| problems.add("", number));
        problems.result::<()>(None, b"").unwrap_err()
    };
    let (all, cut) = (of(PROBLEM_LIMIT), of(PROBLEM_LIMIT + 2));
    assert_eq!((all.len(), all[PROBLEM_LIMIT - 1].text.as_str()), (PROBLEM_LIMIT, "49"));
    assert_eq!((cut.len(), cut[PROBLEM_LIMIT - 1].text.as_str()), (PROBLEM_LIMIT + 1, "49"));
    assert!(cut[PROBLEM_LIMIT].to_string().starts_with("platform.yaml: And 2 more: "), "{cut:?}");
}
