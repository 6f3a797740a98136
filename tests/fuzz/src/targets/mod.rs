//! One file for each target.

pub(crate) mod answers;
pub(crate) mod batch;
pub(crate) mod decide;
pub(crate) mod merge;
pub(crate) mod query;
pub(crate) mod queue;
pub(crate) mod routes;
pub(crate) mod rows;
pub(crate) mod sheet;
pub(crate) mod stream;
pub(crate) mod token;
pub(crate) mod values;
