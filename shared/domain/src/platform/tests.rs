use super::{check::limits::PREVIEW_LIFETIME, *};
use crate::repository::Host;

mod limits;
mod rights;

const SAMPLE: &str = include_str!("../../../../infra/local/sample/platform.yaml");

fn sample() -> Platform {
    Platform::parse(SAMPLE.as_bytes()).unwrap().platform
}

/// Puts `to` where the sample says `from`, once.
fn with(from: &str, to: &str) -> Result<Platform, Vec<Problem>> {
    assert!(SAMPLE.contains(from), "the sample does not say {from:?}");
    Platform::parse(SAMPLE.replacen(from, to, 1).as_bytes()).map(|parsed| parsed.platform)
}

/// The first problem's path.
fn problem(from: &str, to: &str) -> String {
    with(from, to).expect_err(to)[0].path.clone()
}

#[test]
fn the_sample_is_understood() {
    let platform = sample();
    assert_eq!(platform.installation.as_str(), "demo");
    assert_eq!(platform.registries[0].account, "123456789012");
    let preview = &platform.types[&"preview".parse().unwrap()];
    assert_eq!(preview.images, ImageRule { wait: SignedDuration::from_secs(1), otherwise: Otherwise::Base });
    assert_eq!(preview.lifetime, Some(SignedDuration::from_hours(72)));
    assert_eq!((preview.on_failure, preview.supersede), (OnFailure::Keep, Supersede::AtOnce));
    let staging = &platform.types[&"staging".parse().unwrap()];
    assert_eq!((staging.on_failure, staging.supersede), (OnFailure::Return, Supersede::AfterVerify));
    assert_eq!((staging.lifetime, staging.may_recreate), (None, false));
    let shop = &platform.applications[&"shop".parse().unwrap()];
    let web = &shop.workloads[&"web".parse().unwrap()];
    assert_eq!(web.image.path, "shop/web");
    assert_eq!(web.tags[1].to_string(), "pr-{number}-{commit}");
    assert_eq!(shop.environments[&"staging".parse().unwrap()].source.branch(), Some("main"));
}

#[test]
fn the_hash_is_that_of_the_bytes() {
    let hash = Platform::parse(SAMPLE.as_bytes()).unwrap().hash;
    let other = Platform::parse(format!("{SAMPLE}\n").as_bytes()).unwrap().hash;
    assert_eq!((hash.len(), other.len()), (64, 64));
    assert_ne!(hash, other);
}

#[test]
fn a_repository_is_compared_by_host_and_id() {
    let mut repository = Repository { host: Host::Github, id: 1_296_269, full_name: "renamed/shop".into() };
    assert_eq!(sample().applications_of(&repository).count(), 1);
    repository.id += 1;
    assert_eq!(sample().applications_of(&repository).count(), 0);
}

#[test]
fn what_is_wrong_is_told_with_its_path() {
    for (from, to, path) in [
        ("installation: demo", "installation: Demo", "installation"),
        ("account: \"123456789012\"", "account: \"12345678901a\"", "registries[0].account"),
        ("zone: Z0LOCALPREVIEW0\n", "zone: z0\n", "clusters.local.entrance.zone"),
        ("domain: preview.localhost", "domain: preview.localhost.", "clusters.local.entrance.domain"),
        ("ingress_class: nginx", "ingress_class: NGINX", "clusters.local.entrance.ingress_class"),
        ("namespace: ingress-nginx", "namespace: a.b", "clusters.local.entrance.namespace"),
        ("names: wildcard", "names: wildcard\n      certificate: x", "clusters.local.entrance.certificate"),
        ("domain: example.localhost", "domain: preview.localhost", "clusters.main.entrance.domain"),
        ("domain: example.localhost", "domain: x.preview.localhost", "clusters.main.entrance.domain"),
        ("clusters: [local]", "clusters: [nowhere]", "types.preview.clusters"),
        ("clusters: [local]", "clusters: []", "types.preview.clusters"),
        ("clusters: [main, second]", "clusters: [main, second, main]", "types.staging.clusters"),
        ("wait: 1s", "wait: 61m", "types.preview.images.wait"),
        ("deadline: 10m", "deadline: 59s", "types.preview.deadline"),
        ("lifetime: 72h", "lifetime: soon", "types.preview.lifetime"),
        ("cpu: \"2\"", "cpu: two", "types.preview.quota.cpu"),
        ("pods: 20", "pods: 0", "types.preview.quota.pods"),
        ("limit: 20", "limit: 501", "types.preview.limit"),
        ("id: 1296269", "id: 0", "applications.shop.repository.id"),
        ("name: acme/shop", "name: shop", "applications.shop.repository.name"),
        ("base: staging", "base: production", "applications.shop.previews.base"),
        ("base: staging, ", "", "applications.shop.previews"),
        ("{ type: preview, base", "{ type: other, base", "applications.shop.previews.type"),
        (
            "staging: { type: staging,",
            "staging: { type: preview,",
            "applications.shop.environments.staging.type",
        ),
        ("branch: main", "branch: ..", "applications.shop.environments.staging.branch"),
        ("branch: main", "branch: main, tags: { exact: a }", "applications.shop.environments.staging"),
        (", branch: main", "", "applications.shop.environments.staging"),
        ("branch: main", "tags: {}", "applications.shop.environments.staging.tags"),
        ("branch: main", "tags: { exact: a, semver: ^1 }", "applications.shop.environments.staging.tags"),
        ("branch: main", "tags: { exact: -a }", "applications.shop.environments.staging.tags.exact"),
        ("branch: main", "tags: { pattern: stable }", "applications.shop.environments.staging.tags.pattern"),
        ("branch: main", "tags: { semver: one }", "applications.shop.environments.staging.tags.semver"),
        (
            "branch: main }",
            "branch: main, namespace: Shop }",
            "applications.shop.environments.staging.namespace",
        ),
        ("score: web/score.yaml", "score: ../score.yaml", "applications.shop.workloads.web.score"),
        ("/shop/web\n", "/shop/web:latest\n", "applications.shop.workloads.web.image"),
        ("/shop/worker\n", "/shop/web\n", "applications.shop.workloads.worker.image"),
        ("sha-{commit}", "sha-{sha}", "applications.shop.workloads.web.tags"),
        ("{ registry: \"123456789012\" }", "{ registry: \"1\" }", "applications.shop.rights[0].who"),
        ("types: [preview, staging]", "types: [preview, live]", "applications.shop.rights[0].types"),
    ] {
        assert_eq!(problem(from, to), path, "{to}");
    }
}

#[test]
fn problems_carry_their_line_and_are_told_together() {
    let text = SAMPLE.replacen("domain: preview.localhost", "domain: X", 1).replacen(
        "branch: main",
        "branch: ..",
        1,
    );
    let problems = Platform::parse(text.as_bytes()).unwrap_err();
    let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
    let line = |wanted: &str| text.lines().position(|line| line.contains(wanted)).map(|line| line + 1);
    assert!(lines.contains(&line("domain: X")) && lines.contains(&line("branch: ..")), "{problems:?}");
}

#[test]
fn what_is_not_known_is_refused() {
    for (from, to) in [
        ("installation: demo", "installation: demo\nsecrets: x"),
        ("may_recreate: true", "may_recreate: yes"),
        ("on_failure: keep", "on_failure: shrug"),
        ("may_recreate: true", "replicas: 3"),
        ("host: github", "host: gitlab"),
        ("verbs: [create", "verbs: [sudo"),
        ("any_github_user", "everybody"),
        ("installation: demo", "installation: demo\ninstallation: other"),
    ] {
        assert!(with(from, to).is_err(), "{to}");
    }
    assert!(Platform::parse(format!("{SAMPLE}\n---\nx: y\n").as_bytes()).is_err());
    assert!(Platform::parse(b"").is_err());
}

#[test]
fn names_of_previews_are_kept_free() {
    let renamed = SAMPLE.replace("staging: { type", "pr-7: { type").replace("base: staging", "base: pr-7");
    let problems = Platform::parse(renamed.as_bytes()).unwrap_err();
    assert_eq!(problems[0].path, "applications.shop.environments.pr-7");
    let renamed = renamed.replace("pr-7", "pr-seven");
    assert!(Platform::parse(renamed.as_bytes()).is_ok());
}

#[test]
fn a_preview_always_has_a_lifetime() {
    let platform = with("    lifetime: 72h\n", "").unwrap();
    assert_eq!(platform.types[&"preview".parse().unwrap()].lifetime, Some(PREVIEW_LIFETIME));
}

#[test]
fn what_is_of_slack_is_named_by_ids() {
    let who = "      - who: [any_github_user";
    for (text, sound) in [
        ("{ slack_user: T1/U1 }", true),
        ("{ slack_user: T1 }", false),
        ("{ slack_user: t1/u1 }", false),
        ("{ slack_workspace: T1 }", true),
        ("{ slack_workspace: acme }", false),
    ] {
        assert_eq!(with(who, &format!("      - who: [{text}")).is_ok(), sound, "{text}");
    }
    let channel = |id: &str| with("    channel: C0SHOP", &format!("    channel: {id}"));
    let channel_of = |platform: Platform| platform.applications[&"shop".parse().unwrap()].channel.clone();
    assert_eq!(channel("C1").ok().and_then(channel_of).as_deref(), Some("C1"));
    assert!(channel("'#shop'").is_err() && channel(&"C".repeat(33)).is_err());
    assert!(channel(&"C".repeat(32)).is_ok());
}
