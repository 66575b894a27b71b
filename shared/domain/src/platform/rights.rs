//! Who may do what. One function decides, and its default is no.

use super::Platform;
use crate::{
    actor::{Actor, Verb},
    name::{ApplicationName, TypeName},
};
use std::collections::BTreeSet;

/// What some may do with the environments of some types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// Who may.
    pub who: Vec<Who>,
    /// What they may.
    pub verbs: BTreeSet<Verb>,
    /// With environments of which types.
    pub types: BTreeSet<TypeName>,
}

/// Someone who may be given a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The GitHub account with this numeric id.
    GithubUser(u64),
    /// Whoever GitHub says it is; fit for previews of a private repository.
    AnyGithubUser,
    /// The Slack user with this id, in the workspace with that id.
    SlackUser {
        /// The workspace.
        team: String,
        /// The user.
        id: String,
    },
    /// Whoever Slack says belongs to the workspace with this id.
    SlackWorkspace(String),
    /// The pipeline that holds the key of this name.
    Pipeline(String),
    /// The registry of this account or host.
    Registry(String),
    /// The person at the machine of a local stack.
    PersonAtThisMachine,
}

impl Who {
    fn is(&self, actor: &Actor) -> bool {
        match (self, actor) {
            (Who::GithubUser(id), Actor::GithubUser { id: other, .. }) => id == other,
            (Who::AnyGithubUser, Actor::GithubUser { .. })
            | (Who::PersonAtThisMachine, Actor::PersonAtThisMachine) => true,
            (Who::SlackUser { team, id }, Actor::SlackUser { team: other_team, id: other, .. }) => {
                team == other_team && id == other
            }
            (Who::SlackWorkspace(team), Actor::SlackUser { team: other, .. }) => team == other,
            (Who::Pipeline(name), Actor::Pipeline { key }) => name == key,
            (Who::Registry(name), Actor::Registry { account }) => name == account,
            _ => false,
        }
    }
}

/// Whether an actor may do something with environments of a type of an application.
///
/// What is not allowed by a right of that application is not allowed. Roadstead itself needs no right to deploy or
/// destroy: following a source, returning after a failure and ending a lifetime are its own rules, and each of them
/// is about an environment that somebody with a right had created. It creates only environments of types that the
/// application's standing environments have: those are wished for by the configuration itself. An application or type
/// that the configuration does not have gives nobody anything, so that a configuration which forgets one forbids
/// new deployments; only what Roadstead's own rules end may still be destroyed.
pub fn authorise(
    platform: &Platform,
    actor: &Actor,
    verb: Verb,
    application: &ApplicationName,
    kind: &TypeName,
) -> bool {
    let application = platform.applications.get(application).filter(|_| platform.types.contains_key(kind));
    if *actor == Actor::Roadstead {
        return match verb {
            Verb::Create => application
                .is_some_and(|found| found.environments.values().any(|standing| standing.kind == *kind)),
            Verb::Deploy => application.is_some(),
            Verb::Destroy => true,
        };
    }
    application.is_some_and(|application| {
        application.rights.iter().any(|right| {
            right.verbs.contains(&verb)
                && right.types.contains(kind)
                && right.who.iter().any(|who| who.is(actor))
        })
    })
}

/// The pipelines that may do something with environments of a type of an application: those whose word counts there.
pub fn pipelines_that_may<'a>(
    platform: &'a Platform,
    verb: Verb,
    application: &ApplicationName,
    kind: &TypeName,
) -> BTreeSet<&'a str> {
    let rights = platform.applications.get(application).into_iter().flat_map(|found| &found.rights);
    let named = rights.flat_map(|right| &right.who).filter_map(|who| match who {
        Who::Pipeline(name) => Some(name.as_str()),
        _ => None,
    });
    let actor = |name: &str| Actor::Pipeline { key: name.to_owned() };
    named.filter(|name| authorise(platform, &actor(name), verb, application, kind)).collect()
}
