//! Points host names at the entrance.

use roadstead_aws::{Aws, context, dns::Route53};
use roadstead_runtime::{
    lambda::{self, Worker},
    time::SystemTime,
};
use roadstead_steps::{
    functions::{DnsFunction, StepFunction},
    step::create_dns::CreateDns,
};
use std::{process::ExitCode, sync::Arc};

fn main() -> ExitCode {
    lambda::run(async |settings| {
        let aws = Aws::of_function(settings.variables());
        let dns = Arc::new(Route53::new(aws.clone()));
        let context = context(&aws, settings.table, settings.queues, Arc::new(SystemTime));
        Ok(Worker { context, function: DnsFunction(StepFunction(CreateDns { dns })) })
    })
}
