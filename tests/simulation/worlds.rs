//! The worlds as a simulation begins: a repository with its App, two hosted zones, a registry, and a cluster.

use super::{
    clients::NOWHERE,
    world::{ACCOUNT, ADMIN, APP_KEY, BOT_TOKEN, CHANNEL, ROADSTEAD, TEAM, WEB_SCORE, WORKER_SCORE},
};
use http::Request;
use ring::signature::{KeyPair as _, RsaKeyPair};
use roadstead_worlds::{
    cluster::{Answer, Cluster, Role, Settings as ClusterSettings, User},
    ecr::{Ecr, Settings as EcrSettings},
    github::{App, FileChange, GitHub, Settings as WorldSettings},
    route53::{Action, Change, RecordSet, Route53, Settings as DnsSettings},
    slack::{App as SlackApp, Settings as SlackSettings, Slack},
};

pub fn git_hub(now: jiff::Timestamp) -> (GitHub, u64, u64) {
    let der = pem(APP_KEY);
    let public_key = RsaKeyPair::from_der(&der).unwrap().public_key().as_ref().to_vec();
    let app = App {
        id: super::world::APP,
        client_id: "Iv1.simulation".to_owned(),
        slug: "roadstead".to_owned(),
        public_key,
    };
    let mut github = GitHub::new(app, WorldSettings::default());
    let files =
        [FileChange::Put("web/score.yaml", WEB_SCORE), FileChange::Put("worker/score.yaml", WORKER_SCORE)];
    let repository = github.create_repository("acme", "shop", false, &files, now);
    let (installation, _) = github.install("acme", &[repository], now).unwrap();
    github.grant(installation, "administration", Some("write")).unwrap();
    (github, repository, installation)
}

/// A workspace with the people and the channel of the sample's platform file, and with somebody whom it does not name.
pub fn workspace() -> Slack {
    let app = SlackApp { team: TEAM.to_owned(), id: "A1".to_owned(), token: BOT_TOKEN.to_owned() };
    let mut slack = Slack::new(app, SlackSettings::default());
    for (id, name) in [("U0ADA", "ada"), ("U0EVE", "eve")] {
        slack.add_user(id, name);
    }
    slack.add_channel(CHANNEL, "shop", true);
    slack
}

fn pem(text: &str) -> Vec<u8> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

pub fn hosted_zones(now: jiff::Timestamp) -> (Route53, [String; 3]) {
    let mut dns = Route53::new(DnsSettings::default());
    let domains = ["preview.localhost", "example.localhost", "second.localhost"];
    let zones = domains.map(|name| dns.create_hosted_zone(name, now).unwrap());
    for (zone, domain) in zones.iter().zip(domains) {
        let entrance = RecordSet::of_values(&format!("entrance.{domain}"), "A", 60, &["192.0.2.1"]);
        dns.change(zone, &[create(entrance)], None, now).unwrap();
    }
    let wildcard = RecordSet::of_alias("*.preview.localhost", "A", &zones[0], "entrance.preview.localhost");
    dns.change(&zones[0], &[create(wildcard)], None, now).unwrap();
    (dns, zones)
}

fn create(resource_record_set: RecordSet) -> Change {
    Change { action: Action::Create, resource_record_set }
}

pub fn registry(now: jiff::Timestamp) -> Ecr {
    let settings = EcrSettings {
        account: ACCOUNT.to_owned(),
        region: "eu-west-1".to_owned(),
        endpoint: NOWHERE.to_owned(),
        throttled: false,
    };
    let mut ecr = Ecr::new(settings);
    for repository in ["shop/web", "shop/worker"] {
        ecr.create_repository(repository, false, now).unwrap();
    }
    ecr
}

pub fn sandbox(seed: u64, now: jiff::Timestamp) -> Cluster {
    let user = |name: &str, role| User { name: name.to_owned(), groups: vec![], role };
    let settings = ClusterSettings::new(seed)
        .with_user(ROADSTEAD, user("roadstead", Role::Fenced))
        .with_user(ADMIN, user("admin", Role::Admin));
    let mut cluster = Cluster::new(settings);
    for (address, manifest) in crate::outside::given_once::manifests() {
        let request = Request::patch(format!("{address}?fieldManager=admin&force=true"))
            .header("authorization", format!("Bearer {ADMIN}"))
            .header("content-type", "application/apply-patch+yaml")
            .body(manifest.to_string().into_bytes());
        match cluster.handle(&request.unwrap(), now) {
            Answer::Now(response) if response.status().is_success() => {}
            Answer::Now(_) if manifest["kind"] == "ClusterRoleBinding" => {} // the sandbox knows its users' roles by itself
            Answer::Now(response) => panic!("{address}: {}", String::from_utf8_lossy(response.body())),
            Answer::Watch(_) => unreachable!(),
        }
    }
    cluster
}
