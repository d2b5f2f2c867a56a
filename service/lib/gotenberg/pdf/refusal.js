// What is wrong with the PDFs of a request, or with what is wanted of them.

class Refusal extends Error {}

module.exports = { Refusal };
