//! The template as this machine understands it: `template.yaml` read, its intrinsic functions
//! resolved, its resources typed.
//!
//! The rule that keeps the template and this program from drifting apart: a resource type, a
//! property, an event source or an intrinsic function that is not understood is an error that
//! names it, never something skipped. Start reading at [`Template::load`].

mod dynamic;
mod edge;
mod event;
mod function;
mod intrinsics;
mod resources;
mod schedule;
mod table;
mod watching;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

pub(crate) use edge::{Behaviour, CacheRule, Distribution, Headers, Origin, QueryStrings};
pub(crate) use event::{Event, HttpRoute, StreamMapping};
pub(crate) use function::Function;
pub(crate) use resources::{ACCOUNT, REGION};
pub(crate) use schedule::Schedule;
pub(crate) use table::{Table, layout_of};

/// Everything that the stack runs, by logical id.
#[derive(Debug)]
pub(crate) struct Template {
    /// DynamoDB tables.
    pub(crate) tables: BTreeMap<String, Table>,
    /// Lambda functions.
    pub(crate) functions: BTreeMap<String, Function>,
    /// Logical ids of the HTTP APIs.
    pub(crate) apis: Vec<String>,
    /// Queues: logical id to ARN.
    pub(crate) queues: BTreeMap<String, String>,
    /// Secrets: logical id to name and ARN.
    pub(crate) secrets: BTreeMap<String, Secret>,
    /// What stands before the API and the pages.
    pub(crate) edge: Option<Distribution>,
    /// The values of `Outputs`.
    pub(crate) outputs: BTreeMap<String, String>,
}

/// A secret of Secrets Manager.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    /// What it is called.
    pub(crate) name: String,
    /// Its ARN, which is what `Ref` gives.
    pub(crate) arn: String,
}

/// Why a template cannot be run here.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemplateError {
    /// The file cannot be read.
    #[error("cannot read the template {path}: {source}")]
    Unreadable {
        /// Of the file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no YAML.
    #[error("the template is no valid YAML: {0}")]
    Yaml(#[from] serde_yaml_ng::Error),
    /// Something in it that this machine does not understand.
    #[error("template: {place}: {problem}")]
    NotUnderstood {
        /// Where, as a path of names.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl TemplateError {
    fn at(place: &str, problem: impl Into<String>) -> Self {
        Self::NotUnderstood { place: place.into(), problem: problem.into() }
    }
}

impl Template {
    /// Reads and resolves the file at `path`, with every parameter at its default.
    ///
    /// # Errors
    ///
    /// The first thing in it that is not understood, by name.
    pub(crate) fn load(path: &Path) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| TemplateError::Unreadable { path: path.into(), source })?;
        Self::parse(&text)
    }

    /// Resolves the template in `text`.
    ///
    /// # Errors
    ///
    /// The first thing in it that is not understood, by name.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let document = yaml::Document::parse(text)?;
        let scope = intrinsics::Scope::new(&document)?;
        let globals = scope.resolve("Globals", &document.globals)?;
        let mut template = Self {
            tables: BTreeMap::new(),
            functions: BTreeMap::new(),
            apis: Vec::new(),
            queues: BTreeMap::new(),
            secrets: BTreeMap::new(),
            edge: None,
            outputs: BTreeMap::new(),
        };
        let mut edge = edge::Parts::default();
        for (id, declared) in &document.resources {
            if scope.is_wanted(id, declared)? {
                let properties = scope.resolve(id, &declared.properties)?;
                template.add(id, declared, properties, &globals, &mut edge)?;
            }
        }
        template.edge = edge.distribution()?;
        template.outputs = scope.outputs(&document)?;
        template.check_references()?;
        Ok(template)
    }

    fn add(
        &mut self,
        id: &str,
        declared: &yaml::Resource,
        properties: Value,
        globals: &Value,
        edge: &mut edge::Parts,
    ) -> Result<(), TemplateError> {
        match resources::Kind::of(id, &declared.kind)? {
            resources::Kind::Table => {
                self.tables.insert(id.into(), Table::from_properties(id, properties)?);
            }
            resources::Kind::Function => {
                let function = Function::from_properties(id, declared, properties, globals)?;
                self.functions.insert(id.into(), function);
            }
            resources::Kind::HttpApi => {
                resources::check_api(id, properties)?;
                self.apis.push(id.into());
                edge.add_api(id);
            }
            resources::Kind::Queue => {
                resources::check_queue(id, properties)?;
                self.queues.insert(id.into(), resources::queue_arn(id));
            }
            resources::Kind::Secret => {
                // One that is generated is read by dynamic references, and nobody asks for it.
                if let Some(name) = resources::check_secret(id, properties)? {
                    let arn = resources::secret_arn(&name);
                    self.secrets.insert(id.into(), Secret { name, arn });
                }
            }
            resources::Kind::Watcher(watcher) => watcher.check(id, properties)?,
            kind => edge.add(id, kind, declared, properties)?,
        }
        Ok(())
    }

    /// What an event names must be a resource of the right kind.
    fn check_references(&self) -> Result<(), TemplateError> {
        let mut streams = BTreeSet::new();
        for (id, function) in &self.functions {
            let is_stream = |event: &&Event| matches!(event, Event::Stream(_));
            if function.events.values().filter(is_stream).count() > 1 {
                return Err(TemplateError::at(id, "a second stream of one function"));
            }
            for (name, event) in &function.events {
                let place = format!("{id}.Events.{name}");
                match event {
                    Event::Http(route) if !self.apis.contains(&route.api) => {
                        let problem = format!("ApiId {:?} is no HttpApi here", route.api);
                        return Err(TemplateError::at(&place, problem));
                    }
                    Event::Stream(mapping) => {
                        self.check_mapping(&place, mapping)?;
                        // Consumed rows are deleted: a second reader would miss them.
                        if !streams.insert(&mapping.stream_arn) {
                            return Err(TemplateError::at(&place, "a second mapping of a stream"));
                        }
                    }
                    Event::Http(_) | Event::Schedule(_) => {}
                }
            }
        }
        Ok(())
    }

    fn check_mapping(&self, place: &str, mapping: &StreamMapping) -> Result<(), TemplateError> {
        if self.table_of_stream(&mapping.stream_arn).is_none() {
            let problem = format!("{} is no stream of a table here", mapping.stream_arn);
            return Err(TemplateError::at(place, problem));
        }
        if let Some(queue) = &mapping.failure_queue_arn
            && !self.queues.values().any(|arn| arn == queue)
        {
            return Err(TemplateError::at(place, format!("{queue} is no queue here")));
        }
        Ok(())
    }

    /// The table whose stream has this ARN.
    pub(crate) fn table_of_stream(&self, arn: &str) -> Option<&Table> {
        self.tables.values().find(|table| table.streams() && table.stream_arn() == arn)
    }
}

#[cfg(test)]
mod tests;
