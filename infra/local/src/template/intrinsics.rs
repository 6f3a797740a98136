//! CloudFormation's intrinsic functions, in their short and long forms, resolved to plain JSON.
//!
//! Understood: `Ref`, `Sub`, `GetAtt`, `Join`, `If`, and for conditions `Equals`, `Not`, `And`,
//! `Or`, `Condition`. See <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use serde_yaml_ng::Value as Yaml;

use super::yaml::{Document, Resource};
use super::{TemplateError, dynamic, resources};

/// What names mean in one template.
pub(super) struct Scope<'a> {
    parameters: BTreeMap<&'a str, String>,
    conditions: &'a BTreeMap<String, Yaml>,
    resources: &'a BTreeMap<String, Resource>,
}

/// A node: an intrinsic function with its argument, or anything else.
enum Node<'a> {
    Intrinsic(String, &'a Yaml),
    Plain(&'a Yaml),
}

impl<'a> Scope<'a> {
    /// Gives every parameter its default.
    pub(super) fn new(document: &'a Document) -> Result<Self, TemplateError> {
        let mut parameters = BTreeMap::new();
        for (name, parameter) in &document.parameters {
            let place = format!("Parameters.{name}");
            if !matches!(parameter.kind.as_str(), "String" | "Number") {
                let problem = format!("parameters of type {} are not understood", parameter.kind);
                return Err(TemplateError::at(&place, problem));
            }
            let value = parameter.default.clone().ok_or_else(|| {
                TemplateError::at(&place, "has no default, which is what runs on one machine")
            })?;
            if parameter.allowed_values.as_ref().is_some_and(|allowed| !allowed.contains(&value)) {
                return Err(TemplateError::at(&place, "its default is not among AllowedValues"));
            }
            parameters.insert(name.as_str(), value);
        }
        Ok(Self { parameters, conditions: &document.conditions, resources: &document.resources })
    }

    /// Whether the resource's `Condition` holds (none: it does).
    pub(super) fn is_wanted(&self, id: &str, resource: &Resource) -> Result<bool, TemplateError> {
        resource.condition.as_ref().map_or(Ok(true), |name| self.condition(id, name))
    }

    /// The values of the template's outputs, as text.
    pub(super) fn outputs(
        &self,
        document: &Document,
    ) -> Result<BTreeMap<String, String>, TemplateError> {
        let resolve = |(name, output): (&String, &super::yaml::Output)| {
            let value = self.text(&format!("Outputs.{name}"), &output.value)?;
            Ok((name.clone(), value))
        };
        document.outputs.iter().map(resolve).collect()
    }

    /// `node` as plain JSON; `place` names it in errors.
    pub(super) fn resolve(&self, place: &str, node: &Yaml) -> Result<Value, TemplateError> {
        match classify(node) {
            Node::Intrinsic(name, argument) => self.call(place, &name, argument),
            Node::Plain(Yaml::Mapping(mapping)) => self.resolve_mapping(place, mapping),
            Node::Plain(Yaml::Sequence(items)) => {
                let resolve =
                    |(at, item): (usize, &Yaml)| self.resolve(&format!("{place}[{at}]"), item);
                let items: Result<Vec<Value>, _> = items.iter().enumerate().map(resolve).collect();
                Ok(Value::Array(items?.into_iter().filter(|item| !is_no_value(item)).collect()))
            }
            Node::Plain(scalar) => serde_json::to_value(scalar)
                .map_err(|error| TemplateError::at(place, error.to_string())),
        }
    }

    fn resolve_mapping(
        &self,
        place: &str,
        mapping: &serde_yaml_ng::Mapping,
    ) -> Result<Value, TemplateError> {
        let mut object = Map::new();
        for (key, value) in mapping {
            let key = key
                .as_str()
                .ok_or_else(|| TemplateError::at(place, format!("{key:?} is no name")))?;
            let value = self.resolve(&format!("{place}.{key}"), value)?;
            if !is_no_value(&value) {
                object.insert(key.into(), value);
            }
        }
        Ok(Value::Object(object))
    }

    fn call(&self, place: &str, name: &str, argument: &Yaml) -> Result<Value, TemplateError> {
        match name {
            "Ref" => self.reference(place, &self.text(place, argument)?),
            "GetAtt" => self.attribute(place, argument).map(Value::String),
            "Sub" => self.substitute(place, argument).map(Value::String),
            "Join" => self.join(place, argument).map(Value::String),
            "If" => {
                let [condition, then, otherwise] = arguments(place, name, argument)?;
                let holds = self.condition(place, &self.text(place, condition)?)?;
                self.resolve(place, if holds { then } else { otherwise })
            }
            _ => Err(TemplateError::at(place, format!("{name} is not understood here"))),
        }
    }

    fn reference(&self, place: &str, name: &str) -> Result<Value, TemplateError> {
        if name == "AWS::NoValue" {
            return Ok(Value::String(NO_VALUE.into()));
        }
        let known = self.parameters.get(name).cloned().or_else(|| pseudo_parameter(name));
        if let Some(text) = known {
            return Ok(Value::String(text));
        }
        let resource = self.resource(place, name)?;
        resources::reference(place, name, &resource.kind).map(Value::String)
    }

    fn attribute(&self, place: &str, argument: &Yaml) -> Result<String, TemplateError> {
        let text = match argument {
            Yaml::Sequence(parts) => {
                let parts: Result<Vec<String>, _> =
                    parts.iter().map(|part| self.text(place, part)).collect();
                parts?.join(".")
            }
            other => self.text(place, other)?,
        };
        let (name, attribute) = text.split_once('.').ok_or_else(|| {
            TemplateError::at(place, format!("GetAtt {text:?} names no attribute"))
        })?;
        let resource = self.resource(place, name)?;
        resources::attribute(place, name, &resource.kind, attribute)
    }

    /// `${Name}`, `${Name.Attribute}`, `${!Literal}`; with a map of names of its own or without.
    fn substitute(&self, place: &str, argument: &Yaml) -> Result<String, TemplateError> {
        let (text, names) = match argument {
            Yaml::Sequence(parts) if parts.len() == 2 => {
                (self.text(place, &parts[0])?, self.resolve(place, &parts[1])?)
            }
            other => (self.text(place, other)?, Value::Null),
        };
        let mut result = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| TemplateError::at(place, format!("{text:?} has an open ${{")))?;
            result.push_str(before);
            result.push_str(&self.substituted(place, name, &names)?);
            rest = after;
        }
        result.push_str(rest);
        dynamic::resolve(place, &result)
    }

    fn substituted(&self, place: &str, name: &str, own: &Value) -> Result<String, TemplateError> {
        if let Some(literal) = name.strip_prefix('!') {
            return Ok(format!("${{{literal}}}"));
        }
        if let Some(value) = own.get(name) {
            return as_text(place, value);
        }
        if name.contains('.') {
            return self.attribute(place, &Yaml::String(name.into()));
        }
        as_text(place, &self.reference(place, name)?)
    }

    fn join(&self, place: &str, argument: &Yaml) -> Result<String, TemplateError> {
        let [separator, parts] = arguments(place, "Join", argument)?;
        let separator = self.text(place, separator)?;
        let Value::Array(parts) = self.resolve(place, parts)? else {
            return Err(TemplateError::at(place, "Join takes a list"));
        };
        let parts: Result<Vec<String>, _> = parts.iter().map(|part| as_text(place, part)).collect();
        Ok(parts?.join(&separator))
    }

    fn condition(&self, place: &str, name: &str) -> Result<bool, TemplateError> {
        let body = self
            .conditions
            .get(name)
            .ok_or_else(|| TemplateError::at(place, format!("there is no condition {name:?}")))?;
        self.holds(&format!("Conditions.{name}"), body)
    }

    fn holds(&self, place: &str, node: &Yaml) -> Result<bool, TemplateError> {
        let Node::Intrinsic(name, argument) = classify(node) else {
            return Err(TemplateError::at(place, "a condition is a function of conditions"));
        };
        match name.as_str() {
            "Equals" => {
                let [left, right] = arguments(place, &name, argument)?;
                Ok(self.resolve(place, left)? == self.resolve(place, right)?)
            }
            "Not" => {
                let [inner] = arguments(place, &name, argument)?;
                Ok(!self.holds(place, inner)?)
            }
            "And" | "Or" => {
                let Yaml::Sequence(parts) = argument else {
                    return Err(TemplateError::at(place, format!("{name} takes a list")));
                };
                let parts: Result<Vec<bool>, _> =
                    parts.iter().map(|part| self.holds(place, part)).collect();
                let parts = parts?;
                Ok(if name == "And" { parts.iter().all(|p| *p) } else { parts.contains(&true) })
            }
            "Condition" => self.condition(place, &self.text(place, argument)?),
            _ => Err(TemplateError::at(place, format!("{name} is not understood in a condition"))),
        }
    }

    fn resource(&self, place: &str, name: &str) -> Result<&Resource, TemplateError> {
        self.resources
            .get(name)
            .ok_or_else(|| TemplateError::at(place, format!("nothing here is called {name:?}")))
    }

    fn text(&self, place: &str, node: &Yaml) -> Result<String, TemplateError> {
        as_text(place, &self.resolve(place, node)?)
    }
}

/// Recognises `!Name x`, `{"Fn::Name": x}`, `{"Ref": x}` and `{"Condition": x}`.
fn classify(node: &Yaml) -> Node<'_> {
    match node {
        Yaml::Tagged(tagged) => {
            let name = tagged.tag.to_string().trim_start_matches('!').to_string();
            Node::Intrinsic(name, &tagged.value)
        }
        Yaml::Mapping(mapping) if mapping.len() == 1 => {
            let Some((key, value)) = mapping.iter().next() else { return Node::Plain(node) };
            match key.as_str() {
                Some(name @ ("Ref" | "Condition")) => Node::Intrinsic(name.into(), value),
                Some(name) => match name.strip_prefix("Fn::") {
                    Some(name) => Node::Intrinsic(name.into(), value),
                    None => Node::Plain(node),
                },
                None => Node::Plain(node),
            }
        }
        _ => Node::Plain(node),
    }
}

fn arguments<'a, const N: usize>(
    place: &str,
    name: &str,
    argument: &'a Yaml,
) -> Result<[&'a Yaml; N], TemplateError> {
    let parts: Vec<&Yaml> = argument.as_sequence().map(|s| s.iter().collect()).unwrap_or_default();
    <[&Yaml; N]>::try_from(parts)
        .map_err(|_| TemplateError::at(place, format!("{name} takes a list of {N}")))
}

fn as_text(place: &str, value: &Value) -> Result<String, TemplateError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(TemplateError::at(place, "a text was expected")),
    }
}

fn pseudo_parameter(name: &str) -> Option<String> {
    let value = match name {
        "AWS::Region" => resources::REGION,
        "AWS::AccountId" => resources::ACCOUNT,
        "AWS::Partition" => "aws",
        "AWS::StackName" => resources::STACK,
        "AWS::URLSuffix" => "amazonaws.com",
        _ => return None,
    };
    Some(value.into())
}

fn is_no_value(value: &Value) -> bool {
    value.as_str() == Some(NO_VALUE)
}

/// Stands for `AWS::NoValue` until its key or element is left out; no template can write it.
const NO_VALUE: &str = "\0AWS::NoValue";
