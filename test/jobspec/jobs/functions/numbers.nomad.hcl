job "numbers" {
  type = "batch"

  meta {
    abs       = jsonencode([abs(-3), abs(2.5), abs(0)])
    ceil      = jsonencode([ceil(1.1), ceil(-1.9), ceil(5)])
    floor     = jsonencode([floor(1.9), floor(-1.1)])
    log       = jsonencode([log(100, 10), log(8, 2)])
    max       = jsonencode([max(3, 9, 1), max(-1)])
    min       = jsonencode([min(3, 9, 1), min([5, 2]...)])
    parseint  = jsonencode([parseint("ff", 16), parseint("-101", 2), parseint("z", 36), parseint("Z", 62)])
    pow       = jsonencode([pow(2, 10), pow(4, 0.5), pow(2, -1)])
    signum    = jsonencode([signum(-13), signum(0), signum(7)])
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
