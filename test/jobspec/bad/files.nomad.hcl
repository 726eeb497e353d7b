job "files" {
  meta {
    missing = file("none.txt")
    outside = file("../../../package.json")
    folder  = file(".")
  }
}
