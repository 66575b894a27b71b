//! How each world is begun at the first start.

use super::{Code, Names, Registry, cluster as sandbox, sample, seed};
use crate::{problem::Problem, stack::secrets::Secrets};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use ring::signature::{KeyPair as _, RsaKeyPair};
use roadstead_worlds::{
    cluster::Cluster,
    ecr::{self, Ecr},
    github::{self, App, FileChange, GitHub, NewPullRequest},
    route53::{self, Action, Change, RecordSet, Route53},
};
use std::collections::{BTreeMap, BTreeSet};

/// How long a change in DNS takes to arrive everywhere; a minute in the original.
const PROPAGATION: SignedDuration = SignedDuration::from_millis(300);
/// The time to live of the entrance's own address, in seconds.
const ENTRANCE_TTL: u32 = 60;
/// Who works on the sample.
const MAINTAINER: &str = "grace";

/// The zones of the platform file, each with its entrance's address and the wildcard that leads there.
pub(super) fn names(now: Timestamp) -> Result<Names, Problem> {
    let settings = route53::Settings { propagation: PROPAGATION, ..route53::Settings::default() };
    let mut names = Names { route53: Route53::new(settings) };
    for cluster in seed::platform()?.clusters.values() {
        let entrance = &cluster.entrance;
        let refused = |error: route53::Refusal| {
            Problem::unexpected(format!("the zone {} was refused: {error}", entrance.domain))
        };
        let zone = &entrance.zone;
        names.route53.create_hosted_zone_with_id(zone, &entrance.domain, now).map_err(refused)?;
        let wildcard = format!("*.{}", entrance.domain);
        let sets = [
            RecordSet::of_values(&entrance.target.name, "A", ENTRANCE_TTL, &["127.0.0.1"]),
            RecordSet::of_alias(&wildcard, "A", zone, &entrance.target.name),
        ];
        let wanted =
            if entrance.names == roadstead_domain::platform::EntranceNames::Wildcard { 2 } else { 1 };
        let changes: Vec<Change> = sets
            .into_iter()
            .take(wanted)
            .map(|resource_record_set| Change { action: Action::Create, resource_record_set })
            .collect();
        names.route53.change(zone, &changes, None, now).map_err(refused)?;
    }
    Ok(names)
}

/// A repository for the images of each workload.
pub(super) fn registry(now: Timestamp) -> Result<Registry, Problem> {
    let (account, region) = sample::REGISTRY;
    let settings = ecr::Settings {
        account: account.to_owned(),
        region: region.to_owned(),
        endpoint: String::new(),
        throttled: false,
    };
    let mut ecr = Ecr::new(settings);
    for application in seed::platform()?.applications.values() {
        for workload in application.workloads.values() {
            ecr.create_repository(&workload.image.path, false, now)
                .map_err(|error| Problem::unexpected(format!("ECR refused {}: {error}", workload.image)))?;
        }
    }
    Ok(Registry { ecr, references: BTreeSet::new() })
}

/// The repository of the sample with a little history, and the App installed on it.
pub(super) fn code(now: Timestamp) -> Result<Code, Problem> {
    let refused = |error: github::Refusal| Problem::unexpected(format!("GitHub refused the sample: {error}"));
    let mut github = GitHub::new(app()?, github::Settings::default());
    github.create_organization(sample::OWNER);
    github.continue_ids_at(sample::REPOSITORY_ID);
    let repository =
        github.create_repository(sample::OWNER, sample::REPOSITORY, false, &sample::files(), now);
    github.set_role(repository, MAINTAINER, Some(github::Role::Maintain)).map_err(refused)?;
    history(&mut github, repository, now).map_err(refused)?;
    let (installation, _) = github.install(sample::OWNER, &[repository], now).map_err(refused)?;
    github.grant(installation, "administration", Some("write")).map_err(refused)?;
    Ok(Code { github, repository, installation, stand_ins: BTreeMap::new() })
}

/// Pull requests that were opened and closed before anybody listened.
fn history(github: &mut GitHub, repository: u64, now: Timestamp) -> Result<(), github::Refusal> {
    let changes = [FileChange::Put("web/page.html", b"<h1>the old shop</h1>\n")];
    let first = github.commit(repository, "heads/main", MAINTAINER, "Try another page", &changes, now)?;
    github.push(repository, "attempt", &first, MAINTAINER, now)?;
    for _ in 0..sample::EARLIER_PULL_REQUESTS {
        let new = NewPullRequest {
            head_repository: repository,
            head_branch: "attempt",
            base_branch: "main",
            title: "Try another page",
            author: MAINTAINER,
            draft: false,
        };
        let (number, _) = github.open_pull_request(repository, new, now)?;
        github.close_pull_request(repository, number, MAINTAINER, now)?;
    }
    Ok(())
}

fn app() -> Result<App, Problem> {
    let unreadable = || Problem::unexpected("infra/local/sample/app-key.pem cannot be read");
    let lines = sample::APP_KEY.lines().filter(|line| !line.starts_with("-----"));
    let der = STANDARD.decode(lines.collect::<String>()).map_err(|_| unreadable())?;
    let pair = RsaKeyPair::from_pkcs8(&der).map_err(|_| unreadable())?;
    Ok(App {
        id: sample::APP,
        client_id: "Iv23roadstead".to_owned(),
        slug: "roadstead-local".to_owned(),
        public_key: pair.public_key().as_ref().to_vec(),
    })
}

/// A cluster that was given what every cluster is given once. Its number is what it makes its names of.
pub(super) fn cluster(secrets: &Secrets, number: u64, now: Timestamp) -> Result<Cluster, Problem> {
    let mut cluster = Cluster::new(sandbox::settings(secrets, number));
    sandbox::equip(&mut cluster, &secrets.cluster_admin, now)?;
    Ok(cluster)
}
