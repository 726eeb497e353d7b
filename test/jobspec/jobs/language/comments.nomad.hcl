job "comments" {
  type = "batch"

  meta {
    # a hash
    a = "1" # behind
    // two slashes
    b = "2" // behind
    /* a block
       of two lines */
    c = /* between */ "3"
    d = "# no // comment /* inside */"
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
