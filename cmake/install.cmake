# cmake --install: a package that find_package(muonlab) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(muonlab_targets muonlab)
if(muonlab_with_onednn)
  list(APPEND muonlab_targets muonlab_onednn)
endif()
install(TARGETS ${muonlab_targets} EXPORT muonlab ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY core autograd nn optim data
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/muonlab
        FILES_MATCHING PATTERN "*.h" PATTERN "*.cuh" PATTERN "cpu" EXCLUDE
                       PATTERN "mini" EXCLUDE PATTERN "tools" EXCLUDE PATTERN "cache" EXCLUDE)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/muonlab)
install(EXPORT muonlab NAMESPACE muonlab:: DESTINATION ${package_dir} FILE muonlab-targets.cmake)
configure_package_config_file(cmake/muonlab-config.cmake.in muonlab-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(muonlab-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/muonlab-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/muonlab-config-version.cmake
        DESTINATION ${package_dir})
