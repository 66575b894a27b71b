//! Nothing of its own: the tests of the workspace are in the test target.
