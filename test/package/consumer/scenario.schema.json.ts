import schema from "stormproof/scenario.schema.json" with { type: "json" };

console.log(schema.$schema); // => http://json-schema.org/draft-07/schema#
