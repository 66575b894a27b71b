//! What is there before a deployment, and what the stack is given after it.

use super::{
    emulator::{ACCOUNT, Emulator, REGION},
    weather::Between,
};
use jiff::Timestamp;
use roadstead::stack::{
    local_file::kubeconfig,
    messenger::Messenger,
    secrets::Secrets,
    worlds::{Addresses, Worlds},
};
use roadstead_aws::{Aws, Configuration, StandIn, state::DynamoDb};
use roadstead_domain::{name::ClusterName, platform::Platform};
use roadstead_steps::configuration;
use roadstead_web::Https;
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};

const APP_KEY: &str = include_str!("../../sample/app-key.pem");
const PLATFORM: &str = include_str!("../../sample/platform.yaml");
/// The App and its bot account, as the local stack's GitHub knows them.
const APP: &str = "900";

/// The sandbox that stands for every cluster of the platform file.
pub(crate) fn cluster() -> ClusterName {
    "main".parse().unwrap()
}

pub(crate) fn keep_secrets(emulator: &Emulator, secrets: &Secrets, addresses: &Addresses) {
    let sandbox = addresses.clusters.get_key_value(&cluster());
    let kubeconfig = kubeconfig(sandbox, "roadstead", &secrets.cluster_roadstead);
    for (name, secret) in [
        ("roadstead/webhook", secrets.github.as_str()),
        ("roadstead/github-app-key", APP_KEY),
        ("roadstead/kubeconfigs/sandbox", &kubeconfig),
    ] {
        emulator.aws(&["secretsmanager", "create-secret", "--name", name, "--secret-string", secret]);
    }
}

pub(crate) fn make_zones(emulator: &Emulator) -> BTreeMap<String, String> {
    let make = |domain: &str| {
        let zone = ["route53", "create-hosted-zone", "--name", domain, "--caller-reference", domain];
        let made = emulator.aws(&zone);
        let id = made["HostedZone"]["Id"].as_str().unwrap().trim_start_matches("/hostedzone/").to_owned();
        (domain.to_owned(), id)
    };
    ["preview.localhost", "example.localhost"].map(make).into()
}

pub(crate) fn make_repositories(emulator: &Emulator) {
    for workload in ["shop/web", "shop/worker"] {
        emulator.aws(&["ecr", "create-repository", "--repository-name", workload]);
    }
}

pub(crate) fn deploy(
    emulator: &Emulator,
    worlds: &Worlds,
    addresses: &Addresses,
    zones: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let zones: Vec<String> =
        zones.values().map(|zone| format!("arn:aws:route53:::hostedzone/{zone}")).collect();
    let sandbox = json!({ "kubeconfig": "secretsmanager:roadstead/kubeconfigs/sandbox" });
    emulator.deploy(&[
        &format!("GithubApp={APP}"),
        &format!("GithubInstallation={}", worlds.code.read(|code| code.installation)),
        &format!("GithubAccount={APP}"),
        &format!("GithubApi={}", addresses.code),
        &format!("HostedZones={}", zones.join(",")),
        &format!("Clusters={}", json!({ "local": sandbox, "main": sandbox })),
    ])
}

/// The emulator asks whether changes of DNS may be seen without saying which: `change/*` does not answer that.
pub(crate) fn let_see_changes(emulator: &Emulator) {
    let statement = json!({ "Effect": "Allow", "Action": "route53:GetChange", "Resource": "*" });
    let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    for role in ["CreateDnsRole", "VerifyRolloutRole"] {
        let resource = ["--stack-name", "roadstead", "--logical-resource-id", role];
        let found = emulator.aws(&[&["cloudformation", "describe-stack-resource"][..], &resource].concat());
        let name = found["StackResourceDetail"]["PhysicalResourceId"].as_str().unwrap();
        let put = ["iam", "put-role-policy", "--role-name", name, "--policy-name", "see-changes"];
        emulator.aws(&[&put[..], &["--policy-document", &policy]].concat());
    }
}

/// The way from GitHub to the function URL, whose host the emulator takes from the path too.
pub(crate) fn messenger(
    weather: &Between,
    secrets: &Secrets,
    outputs: &BTreeMap<String, String>,
    worlds: &Worlds,
) -> Messenger {
    let webhook = outputs["Webhook"].trim_start_matches("https://");
    let (host, path) = webhook.split_once('/').unwrap();
    let id = host.split('.').next().unwrap();
    Messenger {
        transport: Https::new(true).unwrap(),
        github: format!("{}/_aws/lambda-url/{id}/{path}", weather.url).parse().unwrap(),
        secret: secrets.github.clone(),
        slack: weather.url.parse().unwrap(),
        slack_secret: secrets.slack.clone(),
        eventbridge: weather.url.parse().unwrap(),
        code: worlds.code.clone(),
    }
}

pub(crate) fn stand_in(endpoint: &str) -> Arc<Aws> {
    let stand_in = StandIn {
        endpoint: endpoint.to_owned(),
        access_key_id: ACCOUNT.to_owned(),
        secret_access_key: "test".to_owned(),
    };
    Arc::new(Aws::new(Configuration { region: Some(REGION.to_owned()), stand_in: Some(stand_in) }))
}

/// The sample's platform file with the emulator's zones, and a record of its own for each preview.
pub(crate) async fn put_platform(state: &DynamoDb, zones: &BTreeMap<String, String>) {
    let text = PLATFORM
        .replace("Z0LOCALPREVIEW0", &zones["preview.localhost"])
        .replace("Z0LOCALEXAMPLE0", &zones["example.localhost"])
        .replace("clusters: [main, second]", "clusters: [main]")
        .replace("names: wildcard", "names: record-per-environment")
        // The images are pushed by a command line that takes its time.
        .replace("wait: 1s", "wait: 15s");
    let parsed = Platform::parse(text.as_bytes()).unwrap();
    configuration::seed(state, &parsed, &text, Timestamp::now()).await.unwrap();
}
