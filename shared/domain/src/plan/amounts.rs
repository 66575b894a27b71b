//! How much each container gets, and whether the environment's quota has it.

use super::scene::{Piece, Scene};
use crate::{
    platform::{Quota, quantity::thousandths},
    refusal::Refusal,
    score::Container,
};
use serde_json::{Value, json};

/// The CPU that a container asks for when it does not say.
const CPU: &str = "50m";
/// The memory that a container asks for when it does not say.
const MEMORY: &str = "128Mi";
/// The memory that a container may use when it does not say.
const MEMORY_LIMIT: &str = "512Mi";

/// What one container asks for, and what it may use at most.
pub(super) struct Amount<'a> {
    cpu: &'a str,
    cpu_limit: Option<&'a str>,
    memory: &'a str,
    memory_limit: &'a str,
}

impl<'a> Amount<'a> {
    /// What its Score file says, and the defaults of the namespace for what it does not. Memory always has a limit;
    /// CPU has one only when it is asked for.
    pub(super) fn of(container: &'a Container, quota: &'a Quota) -> Self {
        let defaults = Self::default_of(quota);
        let (requests, limits) = (&container.requests, &container.limits);
        let either =
            |request: &'a Option<String>, limit: &'a Option<String>| request.as_deref().or(limit.as_deref());
        let memory = either(&requests.memory, &limits.memory).unwrap_or(defaults.memory);
        Self {
            cpu: either(&requests.cpu, &limits.cpu).unwrap_or(defaults.cpu),
            cpu_limit: limits.cpu.as_deref(),
            memory,
            memory_limit: limits.memory.as_deref().unwrap_or_else(|| larger(memory, defaults.memory_limit)),
        }
    }

    /// What a container gets that does not say; never more than the quota has.
    pub(super) fn default_of(quota: &'a Quota) -> Self {
        Self {
            cpu: smaller(CPU, &quota.cpu),
            cpu_limit: None,
            memory: smaller(MEMORY, &quota.memory),
            memory_limit: smaller(MEMORY_LIMIT, &quota.memory),
        }
    }

    pub(super) fn requests(&self) -> Value {
        json!({"cpu": self.cpu, "memory": self.memory})
    }

    pub(super) fn limits(&self) -> Value {
        match self.cpu_limit {
            Some(cpu) => json!({"cpu": cpu, "memory": self.memory_limit}),
            None => json!({"memory": self.memory_limit}),
        }
    }
}

fn smaller<'a>(one: &'a str, other: &'a str) -> &'a str {
    if thousandths(other) < thousandths(one) { other } else { one }
}

fn larger<'a>(one: &'a str, other: &'a str) -> &'a str {
    if thousandths(other) > thousandths(one) { other } else { one }
}

/// Refuses what the API server would refuse later, when nobody looks: requests above limits, and more than the quota.
pub(super) fn check_quota(scene: &Scene<'_>) -> Result<(), Refusal> {
    let quota = &scene.kind.quota;
    let (mut cpu, mut memory) = (0, 0);
    for piece in &scene.workloads {
        for (name, container) in &piece.score.containers {
            let amount = Amount::of(container, quota);
            check_container(piece, name, &amount, quota)?;
            cpu += thousandths(amount.cpu).unwrap_or_default();
            memory += thousandths(amount.memory).unwrap_or_default();
        }
    }
    let enough = |asked: u128, allowed: &str| thousandths(allowed).is_some_and(|allowed| asked <= allowed);
    let (all_cpu, all_memory) = (&quota.cpu, &quota.memory);
    if !enough(cpu, all_cpu) {
        return Err(Refusal::rejected(format!(
            "The workloads ask for more CPU than the environment has ({all_cpu})."
        )));
    }
    if !enough(memory, all_memory) {
        let text = format!("The workloads ask for more memory than the environment has ({all_memory}).");
        return Err(Refusal::rejected(text));
    }
    if scene.workloads.len() > usize::try_from(quota.pods).unwrap_or(usize::MAX) {
        let text = format!(
            "The application has more workloads than the environment may have pods ({}).",
            quota.pods
        );
        return Err(Refusal::rejected(text));
    }
    Ok(())
}

fn check_container(piece: &Piece<'_>, name: &str, amount: &Amount<'_>, quota: &Quota) -> Result<(), Refusal> {
    let exceeds = |one: &str, other: &str| thousandths(one) > thousandths(other);
    let whose = format!("The container `{name}` of the workload `{}`", piece.name);
    if amount.cpu_limit.is_some_and(|limit| exceeds(amount.cpu, limit)) {
        return Err(Refusal::rejected(format!("{whose} requests more CPU than its limit.")));
    }
    if exceeds(amount.memory, amount.memory_limit) {
        return Err(Refusal::rejected(format!("{whose} requests more memory than its limit.")));
    }
    if exceeds(amount.memory_limit, &quota.memory) {
        let text = format!("{whose} may use more memory than the environment has ({}).", quota.memory);
        return Err(Refusal::rejected(text));
    }
    Ok(())
}
