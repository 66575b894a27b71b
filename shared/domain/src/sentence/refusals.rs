//! Why something is not done: what is wrong, and what to do about it.

use crate::{
    actor::{Actor, Verb},
    name::{ApplicationName, ClusterName, EnvironmentId, TypeName, WorkloadName},
    platform::Problem,
    refusal::Refusal,
    repository::Commit,
    step::Stage,
};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// The most problems of a file that are told at once.
const PROBLEMS_TOLD: usize = 10;

/// The platform configuration does not have the application.
pub fn application_unknown(application: &ApplicationName) -> String {
    format!(
        "The platform configuration has no application `{application}`. A platform engineer must add it there."
    )
}

/// The platform configuration does not have the type.
pub fn type_unknown(kind: &TypeName) -> String {
    format!(
        "The platform configuration has no environment type `{kind}`. A platform engineer must add it there."
    )
}

/// What is told of one cluster among several.
pub fn in_cluster(cluster: &ClusterName, text: &str) -> String {
    format!("In the cluster `{cluster}`: {text}")
}

/// The platform configuration does not have the cluster.
pub fn cluster_unknown(cluster: &ClusterName) -> String {
    format!("The platform configuration has no cluster `{cluster}`. A platform engineer must add it there.")
}

/// The Score file is not where the platform configuration says.
pub fn score_missing(workload: &WorkloadName, path: &str, commit: &Commit) -> String {
    format!("There is no Score file for `{workload}` at `{path}` in {}. Add it, and push.", commit.short())
}

/// Everything that is wrong with a file.
pub fn problems(problems: &[Problem]) -> String {
    let told: Vec<_> = problems.iter().take(PROBLEMS_TOLD).map(ToString::to_string).collect();
    let more = problems.len().saturating_sub(PROBLEMS_TOLD);
    let more = (more > 0).then(|| more_problems(more));
    told.into_iter().chain(more).collect::<Vec<_>>().join("\n")
}

/// So many problems of a file are not told beside the others.
pub fn more_problems(more: usize) -> String {
    format!("And {more} more: fix these to see them.")
}

/// The revision failed here before.
pub fn tried(commit: &Commit) -> String {
    format!(
        "{} failed here before, and is not deployed again by itself. Push a newer commit.",
        commit.short()
    )
}

/// The branch is not there.
pub fn branch_missing(branch: &str) -> String {
    format!("The branch `{branch}` does not exist. Create it, or let the environment follow another one.")
}

/// The kind is not one that is rendered.
pub fn kind_unknown(api_version: &str, kind: &str) -> String {
    format!(
        "Objects of the kind `{kind}` ({api_version}) are not deployed by Roadstead. Leave it out, or deploy it separately."
    )
}

/// An object of the same name belongs to somebody else.
pub fn foreign_object(kind: &str, name: &str) -> String {
    format!(
        "A {kind} `{name}` exists and is not ours: it stays as it is. Rename yours, or remove the other one."
    )
}

/// A record of the same name belongs to somebody else.
pub fn foreign_record(name: &str) -> String {
    format!(
        "A record `{name}` exists in DNS and is not ours: it stays as it is. Choose another name, or remove it."
    )
}

/// An object is still being deleted.
pub fn still_ending(kind: &str, name: &str) -> String {
    format!("The {kind} `{name}` is still being deleted. Waiting for it to finish.")
}

/// A namespace does not go away.
pub fn held(namespace: &str, held_by: &str) -> String {
    if held_by.is_empty() {
        return format!(
            "What is ours in the namespace `{namespace}` is not all gone yet. Waiting for it to finish."
        );
    }
    format!(
        "The namespace `{namespace}` does not go away: {held_by}\nWhoever put a finalizer there must take it away, or end \
         what it waits for; `kubectl get -n {namespace}` with the kinds named above shows the objects. Then it goes on by itself."
    )
}

/// A change that the kind does not allow.
pub fn change_rejected(kind: &str, name: &str, reason: &str) -> String {
    format!(
        "The {kind} `{name}` cannot be changed like this: {reason}\nTake the change back, or have a platform engineer set \
         `may_recreate` where the kind allows that."
    )
}

/// A newer generation has the namespace.
pub fn newer_generation_there() -> String {
    "A newer generation has taken the namespace over.".to_owned()
}

/// A namespace is deleted while it is taken over.
pub fn namespace_gone(namespace: &str) -> String {
    format!("The namespace `{namespace}` is gone since it was looked at: it is looked at again.")
}

/// An object is outside of the environment's namespace.
pub fn outside_namespace(kind: &str, name: &str) -> String {
    format!("The {kind} `{name}` is outside of the environment's namespace.")
}

/// A trigger that could not be brought to its end within its life.
pub fn trigger_given_up(refusal: &Refusal, life: SignedDuration) -> String {
    format!("Given up after {}, do it again once this is mended: {refusal}", super::span(life))
}

/// The actor may not do it.
pub fn may_not(actor: &Actor, verb: Verb, environment: &EnvironmentId) -> String {
    let verb = match verb {
        Verb::Create => "create",
        Verb::Deploy => "deploy to",
        Verb::Destroy => "destroy",
    };
    format!("{actor} may not {verb} `{environment}`. The platform configuration says who may.")
}

/// What becomes of a head that somebody brought who may not.
pub fn may_not_bring(reason: &str, head: &Commit) -> String {
    format!(
        "{reason} Nothing deploys {} until someone who may asks for it with `/deploy`, pushes, or closes and reopens the pull request.",
        head.short()
    )
}

/// The wildcard does not point at the entrance.
pub fn wildcard_elsewhere(name: &str, target: &str) -> String {
    format!(
        "`{name}` does not point at the entrance `{target}`. A platform engineer must create that record once."
    )
}

/// The deadline is over.
pub fn not_ready_in_time(waits: &str) -> String {
    format!("Not ready in time: {waits}")
}

/// An object of this generation is not there.
pub fn object_missing(kind: &str, name: &str) -> String {
    format!("the {kind} `{name}` of this generation is not there yet")
}

/// DNS has not arrived.
pub fn dns_pending() -> String {
    "the change in DNS has not arrived everywhere yet".to_owned()
}

/// The controller has not seen the newest manifest.
pub fn rollout_unseen(name: &str) -> String {
    format!("`{name}` has not been looked at by its controller yet")
}

/// The controller gave the rollout up.
pub fn rollout_failed(name: &str, message: &str) -> String {
    format!("The rollout of `{name}` failed: {message}")
}

/// Some replicas are missing.
pub fn rollout_counts(name: &str, available: u64, wanted: u64) -> String {
    format!("`{name}` has {available} of {wanted} replicas available")
}

/// There are as many environments as there may be.
pub fn limit_reached(environment: &EnvironmentId, limit: u32) -> String {
    format!(
        "`{environment}` was not created: `{}` already has as many environments as it may ({limit}). Close one to make room.",
        environment.application
    )
}

/// There is no such environment.
pub fn no_such_environment(environment: &EnvironmentId) -> String {
    format!(
        "{} See with `/env list` in chat, or with `status`, which there are.",
        super::not_there(environment)
    )
}

/// The pull request is closed.
pub fn pull_request_closed() -> String {
    "The pull request is closed.".to_owned()
}

/// Drafts are not previewed.
pub fn draft_gets_nothing() -> String {
    "Drafts of this application are not previewed. Mark it ready for review to get one.".to_owned()
}

/// Pull requests from forks are not previewed.
pub fn fork_gets_nothing() -> String {
    "This pull request comes from a fork, and gets no preview: code from outside runs only after somebody of the project has approved it. Nothing was created.".to_owned()
}

/// The deployment is no more.
pub fn inactive() -> String {
    "Another deployment took its place, or the environment is gone.".to_owned()
}

/// Whoever opened a pull request, where only the number of the account is known.
pub const AUTHOR: &str = "the pull request's author";

/// There is no failure that could be tried again.
pub fn nothing_to_retry(environment: &EnvironmentId) -> String {
    format!("Nothing of `{environment}` has failed: there is nothing to try again.")
}

/// The environment is being changed just now.
pub fn under_way_already(environment: &EnvironmentId) -> String {
    format!("`{environment}` is being changed just now. Its check tells what comes of it.")
}

/// A newer commit has taken the place of one.
pub fn commit_is_older(environment: &EnvironmentId, commit: &Commit) -> String {
    format!("`{environment}` has moved on from {}. Run the check of its newest commit again.", commit.short())
}

/// The environment runs the image already.
pub fn runs_already(workload: &WorkloadName) -> String {
    format!("`{workload}` runs this image already.")
}

/// A stage waits past the deadline.
pub fn too_long(stage: Stage) -> String {
    format!("{stage} did not come to its end in time")
}

/// A stage was begun again and again.
pub fn begun_too_often(stage: Stage, attempts: u32) -> String {
    format!(
        "{stage} was begun {attempts} times and did not end. Whoever operates Roadstead finds in its log why; when that is \
         mended, try again."
    )
}

/// Standing environments of its type are not destroyed from chat.
pub fn protected(environment: &EnvironmentId) -> String {
    format!(
        "`{environment}` is of a protected type: while the platform configuration names it, it is not destroyed from chat. Have \
         a platform engineer take it out there first."
    )
}

/// Somebody asked for a commit when this one was known already.
pub fn passed_over() -> String {
    "Somebody chose what it runs when this commit was there already.".to_owned()
}

/// People wanted something else since this was asked for.
pub fn comes_too_late() -> String {
    "Something newer was asked for before this could be done. Ask again, if it is still what you want."
        .to_owned()
}

/// Something stays in clusters that the type no longer has.
pub fn left_behind(clusters: &BTreeSet<ClusterName>, refusal: &Refusal) -> String {
    let names: Vec<_> = clusters.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "What is left of it in {} could not be taken away, and is tried again with the next deployment: {refusal}",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_problems_are_told() {
        let of = |count: usize| {
            let problem = |number| Problem {
                file: "platform.yaml".to_owned(),
                line: Some(number),
                path: String::new(),
                text: "wrong".to_owned(),
            };
            problems(&(1..=count).map(problem).collect::<Vec<_>>())
        };
        assert!(of(PROBLEMS_TOLD).lines().count() == PROBLEMS_TOLD && !of(PROBLEMS_TOLD).contains("more"));
        let cut = of(PROBLEMS_TOLD + 1);
        assert!(cut.lines().count() == PROBLEMS_TOLD + 1 && cut.contains("And 1 more: "), "{cut}");
    }
}
