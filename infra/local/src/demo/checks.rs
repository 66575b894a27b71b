//! Whether the outside is as it should be: what is really in the cluster, at GitHub and in DNS.

use super::{
    journey::{PullRequest, Running},
    words::{counted, images, listed, quoted},
};
use crate::{problem::Problem, stack::Stack};
use jiff::{SignedDuration, Timestamp};
use roadstead_domain::{
    announcement::{Announcement, AnnouncementKey},
    environment::Environment,
    name::ClusterName,
    plan::{
        mark::{ENVIRONMENT_LABEL, mark_of},
        rules::KINDS,
    },
};
use roadstead_steps::{
    configuration,
    nouns::{Cluster, cluster::Kind},
    rows,
    step::objects::{self as kinds, kind_of},
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// How long what is owed to people may stay owed before that is a difference.
const SHOWN_WITHIN: SignedDuration = SignedDuration::from_secs(30);
/// How long until it is looked at again.
const OWED_PAUSE: SignedDuration = SignedDuration::from_millis(50);

/// Notes a difference, unless something holds.
pub(super) fn expect(differences: &mut Vec<String>, holds: bool, told: impl FnOnce() -> String) {
    if !holds {
        differences.push(told());
    }
}

/// Waits until people were shown everything that is owed to them.
pub(super) async fn quiet(stack: &Stack, pull_request: &PullRequest) -> Result<(), Problem> {
    let environment = pull_request.environment.clone();
    let mut keys = vec![AnnouncementKey::Deployments { environment: environment.clone() }];
    if let Some(now) = stack.environment(&environment).await? {
        keys.push(AnnouncementKey::Comment { repository: now.repository, number: pull_request.number });
    }
    let until = Timestamp::now() + SHOWN_WITHIN;
    for key in keys {
        while owed(stack, &key).await? && Timestamp::now() < until {
            stack.pause(OWED_PAUSE).await;
        }
    }
    Ok(())
}

async fn owed(stack: &Stack, key: &AnnouncementKey) -> Result<bool, Problem> {
    let unread = |why: String| Problem::unexpected(format!("{key} cannot be read: {why}"));
    let stored = rows::load(stack.context.state.as_ref(), &rows::announcement(key)).await;
    let stored: Option<Announcement> = stored.map_err(|refusal| unread(refusal.to_string()))?;
    Ok(stored.is_some_and(|announcement| announcement.shown < announcement.owed))
}

/// A preview that is ready: it runs what it should, and one comment says so with the address.
pub(super) async fn ready(
    stack: &Stack,
    pull_request: &PullRequest,
    environment: &Environment,
    expected: &Running,
    differences: &mut Vec<String>,
) -> Result<(), Problem> {
    running(stack, environment, expected, differences).await?;
    let comments = comments(stack, pull_request);
    expect(differences, comments.len() == 1, || format!("{} comments instead of one", comments.len()));
    let url = environment.url.clone().unwrap_or_default();
    expect(differences, !url.is_empty(), || "the preview has no address".to_owned());
    let told = comments.iter().all(|comment| comment.contains("ready") && comment.contains(&url));
    expect(differences, told, || format!("the comment does not say ready with {url}: {}", quoted(&comments)));
    let states = deployment_states(stack, pull_request);
    let active = states.iter().filter(|state| *state == "success").count();
    let others = states.iter().filter(|state| *state != "success" && *state != "inactive").count();
    expect(differences, active == 1 && others == 0, || {
        format!("deployments at GitHub are: {}", listed(&states))
    });
    Ok(())
}

/// Whether every cluster runs exactly these digests, and recorded the same.
pub(super) async fn running(
    stack: &Stack,
    environment: &Environment,
    expected: &Running,
    differences: &mut Vec<String>,
) -> Result<(), Problem> {
    let recorded = environment.revisions.iter().flat_map(|revisions| &revisions.images);
    let recorded: Running = recorded.map(|(name, chosen)| (name.clone(), chosen.digest.clone())).collect();
    expect(differences, recorded == *expected, || {
        format!("{} recorded {}, and not {}", environment.id, images(&recorded), images(expected))
    });
    let mut wanted: Vec<String> = expected.values().map(ToString::to_string).collect();
    wanted.sort();
    for cluster in &environment.inventory.clusters {
        let there = digests(&all_in(stack, environment, cluster).await?);
        expect(differences, there == wanted, || {
            format!("{} runs {} in {cluster}, and not {}", environment.id, listed(&there), listed(&wanted))
        });
    }
    Ok(())
}

/// Whether an environment is in every cluster that its type has.
pub(super) async fn everywhere(
    stack: &Stack,
    environment: &Environment,
    differences: &mut Vec<String>,
) -> Result<(), Problem> {
    let current = configuration::current(stack.context.state.as_ref()).await;
    let platform = current.map_err(|error| Problem::unexpected(error.to_string()))?;
    let clusters = platform.types.get(&environment.kind).map(|kind| kind.clusters.as_slice());
    let wanted: BTreeSet<ClusterName> = clusters.unwrap_or_default().iter().cloned().collect();
    let there = &environment.inventory.clusters;
    expect(differences, *there == wanted, || {
        format!("{} is in {}, and not in {}", environment.id, listed(there), listed(&wanted))
    });
    Ok(())
}

/// The digests that objects run, sorted.
fn digests(objects: &[(String, Value)]) -> Vec<String> {
    let containers = objects
        .iter()
        .filter_map(|(_, object)| object["spec"]["template"]["spec"]["containers"].as_array())
        .flatten();
    let images = containers.filter_map(|container| container["image"].as_str()?.split_once('@'));
    let mut digests: Vec<String> = images.map(|(_, digest)| digest.to_owned()).collect();
    digests.sort();
    digests
}

/// A preview that is gone: nothing is left anywhere, and the comment says so.
pub(super) async fn gone(
    stack: &Stack,
    pull_request: &PullRequest,
    environment: &Environment,
    differences: &mut Vec<String>,
) -> Result<(), Problem> {
    nothing_left(stack, environment, differences).await?;
    let comments = comments(stack, pull_request);
    let told = comments.len() == 1 && comments.iter().all(|comment| comment.contains("gone"));
    expect(differences, told, || format!("the one comment does not say gone: {}", quoted(&comments)));
    let states = deployment_states(stack, pull_request);
    let ended = states.iter().all(|state| state == "inactive");
    expect(differences, ended, || format!("deployments at GitHub are: {}", listed(&states)));
    let name = pull_request.environment.to_string();
    let removed =
        stack.worlds.code.read(|code| !code.github.environments(code.repository).contains(&name.as_str()));
    expect(differences, removed, || format!("GitHub still has the environment {name}"));
    Ok(())
}

/// An environment that is gone has neither objects nor records.
pub(super) async fn nothing_left(
    stack: &Stack,
    environment: &Environment,
    differences: &mut Vec<String>,
) -> Result<(), Problem> {
    let left = objects(stack, environment).await?;
    expect(differences, left.is_empty(), || format!("left in the cluster: {}", counted(&left)));
    let records = records(stack, environment);
    expect(differences, records.is_empty(), || format!("left in DNS: {}", listed(&records)));
    Ok(())
}

/// Our comments on the pull request, as GitHub has them.
pub(super) fn comments(stack: &Stack, pull_request: &PullRequest) -> Vec<String> {
    stack.worlds.code.read(|code| {
        let bot = code.github.bot();
        let comments = code.github.comments(code.repository, pull_request.number);
        comments
            .into_iter()
            .filter(|comment| comment.author == bot)
            .map(|comment| comment.body.clone())
            .collect()
    })
}

/// The newest state of each deployment of the preview, as GitHub has them.
fn deployment_states(stack: &Stack, pull_request: &PullRequest) -> Vec<String> {
    let name = pull_request.environment.to_string();
    stack.worlds.code.read(|code| {
        let deployments = code.github.deployments(code.repository).into_iter();
        let ours = deployments.filter(|deployment| deployment.environment == name);
        ours.map(|deployment| deployment.statuses.last().map_or_else(String::new, |last| last.state.clone()))
            .collect()
    })
}

/// The records in any zone that belong to the environment, by name.
fn records(stack: &Stack, environment: &Environment) -> Vec<String> {
    stack.worlds.names.read(|names| {
        let sets = names.route53.hosted_zones().flat_map(|zone| names.route53.record_sets(zone));
        let ours = |set: &&roadstead_worlds::route53::RecordSet| {
            set.name.contains(&environment.outside_name)
                || serde_json::to_string(set).is_ok_and(|text| text.contains(&environment.mark))
        };
        sets.filter(ours).map(|set| format!("{} {}", set.name, set.kind)).collect()
    })
}

/// How many objects of each kind the environment has in the cluster.
pub(super) async fn objects(
    stack: &Stack,
    environment: &Environment,
) -> Result<BTreeMap<String, usize>, Problem> {
    let mut counts = BTreeMap::new();
    for (kind, _) in all(stack, environment).await? {
        *counts.entry(kind).or_default() += 1;
    }
    Ok(counts)
}

/// Every object of the environment, with its kind.
async fn all(stack: &Stack, environment: &Environment) -> Result<Vec<(String, Value)>, Problem> {
    let mut found = vec![];
    for name in &environment.inventory.clusters {
        found.extend(all_in(stack, environment, name).await?);
    }
    Ok(found)
}

/// Every object of the environment in one cluster, with its kind.
async fn all_in(
    stack: &Stack,
    environment: &Environment,
    name: &ClusterName,
) -> Result<Vec<(String, Value)>, Problem> {
    let mut found = vec![];
    let cluster = open(stack, name).await?;
    let label = format!("{ENVIRONMENT_LABEL}={}", environment.outside_name);
    let namespaces = list(cluster.as_ref(), &kinds::namespaces(), None, &label).await?;
    let ours = namespaces.into_iter().filter(|object| mark_of(object) == Some(&environment.mark));
    for namespace in ours {
        let inside = kinds::name_of(&namespace).unwrap_or_default().to_owned();
        found.push(("Namespace".to_owned(), namespace));
        for kind in KINDS.iter().filter(|kind| kind.namespaced) {
            let objects = list(cluster.as_ref(), &kind_of(kind), Some(&inside), &label).await?;
            found.extend(objects.into_iter().map(|object| (kind.kind.to_owned(), object)));
        }
    }
    Ok(found)
}

async fn open(stack: &Stack, name: &ClusterName) -> Result<Arc<dyn Cluster>, Problem> {
    let unreached =
        |why: String| Problem::new(format!("the cluster {name}: {why}"), "look at its kubeconfig");
    stack.clusters.open(name).await.map_err(|error| unreached(error.to_string()))
}

async fn list(
    cluster: &dyn Cluster,
    kind: &Kind,
    namespace: Option<&str>,
    label: &str,
) -> Result<Vec<Value>, Problem> {
    let listed = cluster.list(kind, namespace, label).await;
    listed.map_err(|error| Problem::unexpected(format!("{} cannot be listed: {error}", kind.plural)))
}
