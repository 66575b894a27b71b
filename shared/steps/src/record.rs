//! Recording a generation with its plan, and reading that again.

use crate::{
    nouns::{
        State,
        state::{Condition, Consistency, Key, Query, Row, Write},
    },
    rows,
};
use roadstead_domain::{
    deployment::{Deployment, pack, unpack},
    name::EnvironmentId,
    plan::Plan,
    refusal::Refusal,
    sentence,
};
use serde_json::{Map, Value, json};

/// The most rows that a plan may have: one commit writes them all, and DynamoDB takes 4 MB in one.
pub const CHUNKS_LIMIT: usize = 10;

/// The writes that record a generation with its plan.
///
/// # Errors
/// When the plan cannot be packed.
pub fn store_deployment(
    id: &EnvironmentId,
    mut deployment: Deployment,
    plan: Option<&Plan>,
) -> Result<Vec<Write>, Refusal> {
    let chunks = plan.map(pack).transpose()?.unwrap_or_default();
    if chunks.len() > CHUNKS_LIMIT {
        return Err(Refusal::rejected(sentence::plan_too_large()));
    }
    deployment.chunks = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
    let generation = deployment.generation;
    let record = rows::row(rows::deployment(id, generation), &deployment, None)?;
    let chunks = chunks.into_iter().enumerate().map(|(number, text)| Row {
        key: rows::deployment_chunk(id, generation, number),
        attributes: Map::from_iter([("plan".to_owned(), json!(text))]),
    });
    Ok(std::iter::once(record).chain(chunks).map(|row| Write::Put(row, Condition::Always)).collect())
}

/// The plan of one generation.
///
/// # Errors
/// When it is missing or damaged, or the table does not answer.
pub async fn plan(state: &dyn State, id: &EnvironmentId, generation: u64) -> Result<Plan, Refusal> {
    let Key { partition, sort } = rows::deployment(id, generation);
    let query = Query {
        partition,
        prefix: format!("{sort}#"),
        consistency: Consistency::Strong,
        limit: CHUNKS_LIMIT,
        after: None,
    };
    let rows = state.query(&query).await?;
    let chunk = |row: &Row| row.attributes.get("plan").and_then(Value::as_str).unwrap_or_default().to_owned();
    unpack(&rows.iter().map(chunk).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadstead_domain::{deployment::CHUNK_LIMIT, refusal::Class};

    /// A plan that takes about so many bytes where it is stored: what is deflated of it comes back as base64.
    fn plan(bytes: usize) -> Plan {
        let mut state = 1_u64;
        let letter = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(
                b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[(state >> 58) as usize],
            )
        };
        let noise: String = (0..bytes).map(letter).collect();
        let inventory = json!({ "namespaces": [], "objects": [], "records": [] });
        let plan = json!({ "parts": [], "namespace": noise, "url": null, "inventory": inventory });
        serde_json::from_value(plan).unwrap()
    }

    fn stored(plan: &Plan) -> Result<Vec<Write>, Refusal> {
        let cause = json!({ "trigger": "t", "actor": { "kind": "roadstead" }, "at": 0 });
        let bound = json!({ "kind": "nothing" });
        let record = json!({ "generation": 1, "cause": cause, "platform": "p", "bound": bound, "chunks": 0 });
        store_deployment(&"shop/pr-1".parse().unwrap(), serde_json::from_value(record).unwrap(), Some(plan))
    }

    #[test]
    fn a_plan_has_so_many_rows_and_no_more() {
        for (chunks, fits) in [(CHUNKS_LIMIT, true), (CHUNKS_LIMIT + 1, false)] {
            let plan = plan((chunks - 1) * CHUNK_LIMIT + CHUNK_LIMIT / 2);
            assert_eq!(pack(&plan).unwrap().len(), chunks);
            match stored(&plan) {
                Ok(writes) => assert!(fits && writes.len() == 1 + chunks, "{}", writes.len()),
                Err(refusal) => assert!(!fits && refusal.class == Class::Rejected, "{refusal}"),
            }
        }
    }
}
