// The native addon of this platform.
module.exports = require("./load-native.js").loadNative();
