#!/bin/sh
echo kept, first
